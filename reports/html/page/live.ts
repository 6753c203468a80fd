import type { RunData } from '../run-data.js';
import { h } from './element.js';
import { readData } from './read-data.js';

/** Draws the page anew whenever its server says that something changed, until the run has ended. */
export const followLive = (render: (data: RunData) => void): void => {
	const sign = h('p', { class: 'live', role: 'status' }, 'live');
	document.body.append(sign);
	const { search } = location;
	const source = new EventSource(`events${search}`);
	let busy = false;
	let again = false;
	const refresh = async (): Promise<void> => {
		if (busy) {
			again = true;
			return;
		}
		busy = true;
		try {
			const answer = await fetch(`data${search}`);
			if (answer.ok) render(await readData(await answer.text()));
		} finally {
			busy = false;
		}
		if (!again) return;
		again = false;
		await refresh();
	};
	source.addEventListener('changed', () => void refresh());
	source.addEventListener('ended', (event) => {
		source.close();
		sign.textContent = 'the run has ended';
		void readData((event as MessageEvent<string>).data).then(render);
	});
	source.addEventListener('progress', (event) => {
		sign.textContent = `live: ${(event as MessageEvent<string>).data}`;
	});
	source.addEventListener('error', () => {
		sign.textContent = source.readyState === EventSource.CLOSED ? 'the run is gone' : 'waiting for the run';
	});
};
