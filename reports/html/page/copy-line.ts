import { h } from './element.js';

/** A command in a box, with a button that copies it. */
export const copyLine = (text: string): HTMLElement => {
	const code = h('code', { tabindex: '0' }, text);
	const button = h('button', { type: 'button', on: { click: () => void copy() } }, 'copy');
	const copy = async (): Promise<void> => {
		try {
			await navigator.clipboard.writeText(text);
			button.textContent = 'copied';
		} catch {
			// A page from a file may not reach the clipboard: what is selected can be copied by hand.
			const range = document.createRange();
			range.selectNodeContents(code);
			getSelection()?.removeAllRanges();
			getSelection()?.addRange(range);
			button.textContent = document.execCommand('copy') ? 'copied' : 'selected';
		}
	};
	return h('div', { class: 'copy' }, code, button);
};
