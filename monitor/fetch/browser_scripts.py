"""What is asked of a page in the browser: how much text it shows, to scroll, and what it is made of."""

TEXT_LENGTH = """() => {
  // Text in shadow trees is shown as well, but is not part of innerText.
  const length = root => {
    let sum = 0;
    for (const one of root.querySelectorAll('*')) {
      if (one.shadowRoot) sum += one.shadowRoot.textContent.length + length(one.shadowRoot);
    }
    return sum;
  };
  return document.body ? document.body.innerText.length + length(document) : 0;
}"""
"""The characters that the page shows now."""

SCROLL = """async ({steps}) => {
  const shown = () => Promise.race([
    new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))),
    new Promise(done => setTimeout(done, 100)),
  ]);
  const scrolls = one => one.scrollHeight > one.clientHeight + 50 && one.clientHeight > innerHeight / 2
    && ['auto', 'scroll'].includes(getComputedStyle(one).overflowY);
  const page = document.scrollingElement;
  const inner = [...document.querySelectorAll('main, article, section, div')].filter(scrolls).slice(0, 3);
  for (const one of [page, ...inner].filter(Boolean)) {
    for (let step = 0; step < steps && one.scrollTop + one.clientHeight < one.scrollHeight - 1; step++) {
      const before = one.scrollTop;
      one.scrollTo({top: before + one.clientHeight, behavior: 'instant'});
      await shown();
      if (one.scrollTop <= before) break;
    }
  }
}"""
"""Goes down the page screen by screen, so that what waits for being seen is loaded."""

MARKUP = """({most}) => {
  // Shown only where scripts are off.
  for (const one of document.querySelectorAll('noscript')) one.remove();
  const roots = [];
  const collect = tree => {
    for (const one of tree.querySelectorAll('*')) {
      if (one.shadowRoot) { roots.push(one.shadowRoot); collect(one.shadowRoot); }
    }
  };
  collect(document);
  const root = document.documentElement;
  if (!root) return '';
  let text = root.outerHTML;
  if (roots.length && root.getHTML) {
    const [open, close] = root.cloneNode(false).outerHTML.split(/(?=<\\/html>$)/);
    text = open + root.getHTML({shadowRoots: roots}) + close;
  }
  if (text.length > most) return null;
  return (document.doctype ? new XMLSerializer().serializeToString(document.doctype) : '') + text;
}"""
"""The page as it stands now, shadow trees as declarative ones; null where that is longer than allowed."""
