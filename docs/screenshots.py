"""Take the pictures of the page that stand in the README: `python docs/screenshots.py`, with Chromium installed.

A server is started on a new instance in a temporary folder; six pictures go to docs/screenshots/.
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
                await browser.close()
            server.terminate()


if __name__ == "__main__":
    asyncio.run(main())
