"""HTML and Markdown: the words a reader would see, line by line, with their headings; no scripts, styles or menus."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tiwizi.knowledge.documents.values import Part, Parts

UNSEEN = {
    "script",
    "style",
    "nav",
    "template",
    "noscript",
    "svg",
    "iframe",
    "object",
    "select",
    "button",
    "head",
}
BLOCKS = set(
    "address article aside blockquote body caption dd details dialog div dl dt fieldset figcaption figure footer form"
    " header hgroup hr html li main menu ol p pre section summary table tbody tfoot thead tr ul".split()
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
CELLS = {"td", "th"}
CELL = " | "
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)


class _Lines:
    """Lines as they grow: text is collapsed like a browser's, a block begins a new line."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.pieces: list[str] = []

    def add(self, text: str) -> None:
        self.pieces.append(text)

    def end(self, level: int = 0, keep_spaces: bool = False) -> None:
        text = "".join(self.pieces)
        self.pieces.clear()
        if not keep_spaces:
            text = "\n".join(" ".join(line.split()) for line in text.split("\0")).removesuffix(CELL.rstrip())
        if text.strip():
            self.parts.append(Part(text.strip("\n"), level))


def parts_of_html(html: str) -> Parts:
    """Return the visible lines of a page: a line a block, a line a table row, its cells parted by " | "."""
    tree = LexborHTMLParser(html)
    title = tree.css_first("title")
    lines = _Lines()
    if tree.root is not None:
        _walk(tree.root, lines)
    return Parts(lines.parts, "text/html", title.text(strip=True) if title else "")


def _walk(root: LexborNode, lines: _Lines) -> None:
    # a loop, not a recursion: a hostile page may nest a hundred thousand elements
    node: LexborNode | None = root
    open_level, preformatted = 0, 0
    while node is not None:
        tag = node.tag or ""
        seen = tag not in UNSEEN and "hidden" not in node.attributes if node.is_element_node else True
        if node.is_text_node:
            text = node.text_content or ""
            lines.add(text if preformatted else text.replace("\n", " "))
        elif seen:
            if tag in HEADINGS or tag in BLOCKS:
                lines.end(open_level, preformatted > 0)
            open_level = HEADINGS.get(tag, open_level)
            preformatted += tag == "pre"
            if tag == "br":
                lines.add("\n" if preformatted else "\0")
            if node.child is not None:
                node = node.child
                continue
        while node is not None:
            tag = node.tag or ""
            if tag in HEADINGS or tag in BLOCKS:
                lines.end(open_level, preformatted > 0)
                open_level = 0 if tag in HEADINGS else open_level
                preformatted -= tag == "pre" and preformatted > 0
            elif tag in CELLS:
                lines.add(CELL)
            if node is root or node.next is not None:
                node = None if node is root else node.next
                break
            node = node.parent
    lines.end(open_level)


def parts_of_markdown(text: str) -> Parts:
    """Return the words of a Markdown text as its reader would see them; a list item keeps its dash or its number."""
    title = ""
    if front := FRONT_MATTER.match(text):
        named = FRONT_TITLE.search(front[1])
        title, text = (named[1] if named else ""), text[front.end() :]
    parts: list[Part] = []
    level, row, prefix = 0, [""], ""
    in_row = False
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        match token.type:
            case "heading_open":
                level = int(token.tag[1])
            case "list_item_open":
                prefix = f"{token.info}. " if token.info else "- "
            case "tr_open":
                row, in_row = [], True
            case "tr_close":
                parts.append(Part(CELL.join(row)))
                in_row = False
            case "inline" if in_row:
                row.append(_inline(token))
            case "inline":
                parts.append(Part(prefix + _inline(token), level))
                level, prefix = 0, ""
            case "fence" | "code_block":
                parts.append(Part(token.content.rstrip("\n")))
            case "html_block":
                parts.extend(parts_of_html(token.content).parts)
            case "paragraph_close" | "heading_close" | "table_close" if not token.hidden:
                parts.append(Part(""))
    return Parts(parts, "text/markdown", title)


def _inline(token: Token) -> str:
    pieces = []
    for child in token.children or []:
        if child.type in {"softbreak", "hardbreak"}:
            pieces.append("\n")
        elif child.type != "html_inline":  # a tag inside a line: its words are tokens of their own
            pieces.append(child.content)
    return "".join(pieces)
