// A person before a browser: opens a page and waits for what appears on it.
//
// browser.js, and on standard input, a line each:
//   open URL             shows a page
//   see TEXT             waits until the page, which was not loaded again, shows it
//   not TEXT             waits until it does not
//   plain URL TEXT       a browser without scripts shows it
//   sizes URL DIRECTORY  looks at it on a phone and on a desk, by day and by night
// Anything that the page's policy forbids, or that fails in it, is an error.
import { chromium } from "playwright-core";
import { createInterface } from "node:readline";

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const troubles = [];

async function page(options) {
  const page = await (await browser.newContext(options)).newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") troubles.push(message.text());
  });
  page.on("pageerror", (error) => troubles.push(error.message));
  return page;
}

const shown = await page({});
const commands = {
  async open([url]) {
    await shown.goto(url);
    await shown.evaluate(() => { window.wasHere = true; });
  },
  async see(words) {
    await shown.getByText(words.join(" "), { exact: true }).first().waitFor({ timeout: 10_000 });
    if (!(await shown.evaluate(() => window.wasHere))) throw new Error("the page was loaded again");
  },
  async not(words) {
    await shown.getByText(words.join(" "), { exact: true }).first().waitFor({ state: "detached", timeout: 10_000 });
  },
  async plain([url, ...words]) {
    const plain = await page({ javaScriptEnabled: false });
    await plain.goto(url);
    await plain.getByText(words.join(" "), { exact: true }).first().waitFor({ timeout: 5_000 });
    await plain.context().close();
  },
  async sizes([url, directory]) {
    for (const [size, width, height] of [["phone", 360, 740], ["desk", 1280, 800]]) {
      for (const colorScheme of ["light", "dark"]) {
        const view = await page({ viewport: { width, height }, colorScheme });
        await view.goto(url);
        const { wide, ground, ink, folded } = await view.evaluate(() => ({
          wide: document.documentElement.scrollWidth,
          ground: getComputedStyle(document.documentElement).backgroundColor,
          ink: getComputedStyle(document.body).color,
          folded: getComputedStyle(document.body).maxWidth,
        }));
        if (wide > width) throw new Error(`${size}: ${wide} wide`);
        const light = (color) => color.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
        const is_dark = light(ground) < light(ink);
        if (is_dark !== (colorScheme === "dark")) throw new Error(`${colorScheme}: ${ink} on ${ground}`);
        if (Math.abs(light(ground) - light(ink)) < 0.6) throw new Error(`too pale: ${ink} on ${ground}`);
        if (folded === "none") throw new Error("the style is not there");
        await view.locator("summary").first().click();
        const code = view.locator("details img");
        await code.waitFor();
        if (!(await code.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)))) throw new Error("no code");
        await view.screenshot({ path: `${directory}/${size}-${colorScheme}.png`, fullPage: true });
        await view.context().close();
      }
    }
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(" ");
  try {
    await commands[command](words);
    if (troubles.length) throw new Error(troubles.join("\n"));
    console.log("ok");
  } catch (error) {
    console.log(`${line}: ${error.message}`.replaceAll("\n", " "));
  }
}
await browser.close();
