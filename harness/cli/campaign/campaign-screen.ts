import { type RunRecorder, tellPlan, tellProgress } from '../../../reports/record/index.js';
import { fitWidth, formatVirtualTime, scrubLine } from '../../../reports/text/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import { realTime } from '../../time/index.js';

export interface CampaignScreen {
	/** Writes lines that stay. */
	say(lines: string): void;
	/** Takes note of an event, and draws how far the campaign is where it is time to. */
	draw(event: BlackstartEvent): void;
	close(): void;
}

export interface CampaignStream {
	write(text: string): unknown;
	readonly isTTY?: boolean;
	readonly columns?: number;
}

const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

/** Tells the plan once it is drawn up; on a terminal, one line below what was said stands for how far the campaign is. */
export const openCampaignScreen = (stream: CampaignStream, recorder: RunRecorder, { nowMs = () => realTime.nowMs() } = {}): CampaignScreen => {
	const isLive = stream.isTTY === true;
	let isDrawn = false;
	let drawnMs = Number.NEGATIVE_INFINITY;
	let atMs = 0;
	const clear = (): void => {
		if (isDrawn) stream.write(CLEAR_LINE);
		isDrawn = false;
	};
	const say = (lines: string): void => {
		clear();
		stream.write(lines);
	};
	return {
		say,
		draw: (event) => {
			if ('at' in event) atMs = event.at;
			const campaign = recorder.running[0]?.campaigns.at(-1);
			if (campaign === undefined) return;
			if (event.kind === 'rollout-planned') say(`  ${formatVirtualTime(atMs).padStart(14)}  plan: ${scrubLine(tellPlan(campaign))}\n`);
			if (!isLive || nowMs() - drawnMs < REDRAW_MS) return;
			drawnMs = nowMs();
			clear();
			stream.write(fitWidth(`  ${formatVirtualTime(atMs).padStart(14)}  ${scrubLine(tellProgress(campaign))}`, Math.max(20, stream.columns ?? 80) - 1));
			isDrawn = true;
		},
		close: clear,
	};
};
