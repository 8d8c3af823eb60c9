-- Admits atomsub to Prosody. Put this at the end of /etc/prosody/prosody.cfg.lua, or into a file of its own in
-- /etc/prosody/conf.d/, with your own name and secret; then `prosodyctl reload`.
-- Prosody listens for components on 127.0.0.1:5347; the global option `component_ports` changes that.

Component "pubsub.example.org"
	component_secret = "CHANGE-ME"
	-- After a broken connection the newcomer is the one that lives.
	component_conflict_resolve = "kick_old"
	-- A larger stanza ends the connection; atomsub stays well below.
	component_stanza_size_limit = 1024 * 512
