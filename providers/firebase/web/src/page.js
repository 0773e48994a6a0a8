// The broker's page: what it says, where this script draws, and how a credential goes back.

/** What the broker wrote for this script. */
export const settings = JSON.parse(document.getElementById('provider-settings').textContent);

const place = document.getElementById('provider');
const problem = element('p', { class: 'problem', id: 'provider-problem', role: 'alert', hidden: '' });
const notice = element('p', { class: 'quiet', id: 'provider-notice', role: 'status' });
const view = element('div', {});
place.append(problem, notice, view);

/** Makes an element; its children are elements or text, never markup. */
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** Shows these in place of whatever was there, and moves the focus to the first thing to fill in. */
export function show(...children) {
  complain();
  view.replaceChildren(...children);
  (firstEmpty() ?? view.querySelector('button'))?.focus();
}

const firstEmpty = () => [...view.querySelectorAll('input')].find(({ value }) => !value);

/** Says what went wrong, or that nothing did. */
export function complain(text) {
  // An alert is read out when its text changes, so the same sentence a second time has to be a change.
  problem.textContent = '';
  problem.textContent = text ?? '';
  problem.hidden = !text;
  for (const input of view.querySelectorAll('input')) {
    if (text) {
      input.setAttribute('aria-invalid', 'true');
      input.setAttribute('aria-describedby', problem.id);
    } else {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-describedby');
    }
  }
  if (text) say();
}

/** Says what has happened, or nothing. */
export function say(text) {
  notice.textContent = text ?? '';
}

/** A labelled input. */
export function field(id, label, attributes) {
  const input = element('input', { id, name: id, required: '', ...attributes });
  return [element('div', { class: 'field' }, element('label', { for: id }, label), input), input];
}

/** A button that does something once at a time. */
export function button(label, className, act) {
  const made = element('button', { type: 'button', class: className }, label);
  made.addEventListener('click', () => busy(act));
  return made;
}

/** A form whose fields are checked by the browser, and that does something once at a time. */
export function form(submit, act, ...children) {
  const made = element('form', {}, ...children, element('button', { type: 'submit', class: 'go' }, submit));
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(act);
  });
  return made;
}

async function busy(act) {
  if (view.getAttribute('aria-busy') === 'true') return;
  const focused = document.activeElement;
  const buttons = [...view.querySelectorAll('button')];
  view.setAttribute('aria-busy', 'true');
  for (const one of buttons) one.disabled = true;
  complain();
  say();
  try {
    await act();
  } finally {
    view.removeAttribute('aria-busy');
    for (const one of buttons) one.disabled = false;
    if (focused?.isConnected) ((!problem.hidden && firstEmpty()) || focused).focus();
  }
}

/** Sends the user's tokens to the broker, which judges them. */
export async function post(user) {
  const credential = document.getElementById('credential');
  credential.elements.namedItem('id_token').value = await user.getIdToken();
  credential.elements.namedItem('refresh_token').value = user.refreshToken;
  credential.submit();
}
