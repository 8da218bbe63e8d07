/**
 * The filters of the page. It reads the page and shows or hides what is there: it makes no markup, sends nothing and
 * keeps nothing.
 */
export const script = String.raw`
'use strict';
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  for (const button of all('button[data-rows]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      const rows = document.getElementById(button.dataset.rows);
      rows.hidden = !rows.hidden;
      button.setAttribute('aria-pressed', String(rows.hidden));
    });
  }

  const folds = all('details[data-folds]');
  for (const fold of folds) fold.open = false;
  addEventListener('beforeprint', () => {
    for (const fold of folds) fold.open = true;
  });

  const controls = document.getElementById('controls');
  if (controls === null) return;
  const search = document.getElementById('search');
  const clear = document.getElementById('clear');
  const count = document.getElementById('count');
  const none = document.getElementById('none');
  const filters = all('button[data-group]', controls);
  const cards = all('article.card').map((element) => ({ element, text: undefined }));

  // Rows of a matrix that stay as they are would make every role a finding.
  const told = 'code:not(tbody[id] *), bdi';
  const textOf = (card) => {
    card.text ??= [card.element.dataset.address, ...all(told, card.element).map((one) => one.textContent)]
      .join('\n')
      .toLowerCase();
    return card.text;
  };
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ',');
  const pressed = (button) => button.getAttribute('aria-pressed') === 'true';

  const update = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
    const wanted = new Map();
    for (const { dataset } of filters.filter(pressed)) {
      wanted.set(dataset.group, [...(wanted.get(dataset.group) ?? []), dataset.value]);
    }
    let shown = 0;
    for (const card of cards) {
      const { dataset } = card.element;
      const fits =
        [...wanted].every(([group, values]) => dataset[group].split(' ').some((value) => values.includes(value))) &&
        words.every((word) => textOf(card).includes(word));
      if (card.element.hidden === fits) card.element.hidden = !fits;
      if (fits) shown += 1;
    }
    count.textContent = grouped(shown) + ' of ' + grouped(cards.length) + ' shown';
    none.hidden = shown > 0;
    clear.disabled = words.length === 0 && wanted.size === 0;
  };
  const showAll = () => {
    search.value = '';
    for (const button of filters) button.setAttribute('aria-pressed', 'false');
    update();
  };

  let waiting = 0;
  search.addEventListener('input', () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(update);
  });
  for (const button of filters) {
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', String(!pressed(button)));
      update();
    });
  }
  clear.addEventListener('click', () => {
    showAll();
    search.focus();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && event.target === search) showAll();
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target === search) return;
    event.preventDefault();
    search.focus();
  });
  // A link to a card that a filter hides would lead nowhere.
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#change-"]');
    if (link !== null && document.getElementById(link.hash.slice(1))?.hidden === true) showAll();
  });

  controls.hidden = false;
  update();
})();
`;

/** What the page's policy allows to run: this text and no other. */
export const scriptHash = 'sha256-uTpZodGfsePjczHRDKuTbe0eTAAEPx8oj82FZylxgjU=';
