"""Take the pictures of the page that stand in the README: `python docs/screenshots.py`, with Chromium installed.

A server is started on a new instance in a temporary folder; eleven pictures go to docs/screenshots/.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright

HERE = Path(__file__).parent / "screenshots"
NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1000, "height": 760}
QUESTIONS = {
    "fr": "Quels papiers pour renouveler la carte nationale ?",
    "ary": "شنو خاصني باش نجدد لاكارط؟",
    "zgh": "ⵎⴰⵏ ⴰⵔⵔⴰⵜⵏ ⵉ ⵡⴰⵔⵔⴰ ⵏ ⵜⵣⴷⴷⵓⵖⵜ?",
}
TEXTS = {  # for the page that tells languages; the name of the picture says how it is seen
    "ary": ("ary", "واش خاصني شي ورقة باش نخلص la vignette ديال الطوموبيل؟", NARROW, "light"),
    "fr": ("fr", "bghit n3ref l'état d'avancement dyal dossier diali", WIDE, "light"),
    "zgh": ("zgh", "ⵎⴰⵏ ⴰⵔⵔⴰⵜⵏ ⵉ ⵡⴰⵔⵔⴰ ⵏ ⵜⵣⴷⴷⵓⵖⵜ?", NARROW, "light"),
    "fr-dark": ("fr", "السلام عليكم، je voudrais savoir fin kayn lbiro ⴰⵣⵓⵍ", NARROW, "dark"),
}


async def take(browser: Browser, address: str, language: str) -> None:
    """Take the ask page, wide, and the answer page, as wide as a telephone."""
    for name, size in (("ask", WIDE), ("answer", NARROW)):
        page = await browser.new_page(viewport=size, device_scale_factor=1)
        await page.goto(f"{address}/?lang={language}&keep=1")
        if name == "answer":
            await page.fill("textarea", QUESTIONS[language])
            await page.click(".ask button")
            await page.wait_for_selector(".answer")
        await page.screenshot(path=HERE / f"{name}-{language}.png")
        await page.close()


async def take_understand(browser: Browser, address: str) -> None:
    """Take the page that tells languages with a text on it, and the form of a correction."""
    for name, (language, text, size, scheme) in TEXTS.items():
        page = await browser.new_page(viewport=size, device_scale_factor=1, color_scheme=scheme)
        await page.goto(f"{address}/understand?lang={language}&keep=1")
        await page.fill("#text", text)
        await page.click(".ask button")
        await page.wait_for_selector(".seen")
        await page.screenshot(path=HERE / f"understand-{name}.png")
        if name == "ary":
            await page.click(".correct summary >> nth=0")
            await page.select_option("#about", "language:2")
            await page.locator(".correct").evaluate("form => form.scrollIntoView()")
            await page.screenshot(path=HERE / f"understand-{name}-correct.png")
        await page.close()


async def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("There is no Chromium here. Install it: apt-get install chromium")
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-c", "from tiwizi.cli import main; main()", "serve", "--home", home, "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                for language in QUESTIONS:
                    await take(browser, address, language)
                await take_understand(browser, address)
                await browser.close()
            server.terminate()


if __name__ == "__main__":
    asyncio.run(main())
