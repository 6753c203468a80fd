import type { LineRequest } from '../../../harness/protocols/line-socket/index.js';
import type { BoardFlashArea } from '../factory.js';

/**
 * What a virtual board's socket takes beside the lines: a programmer's business, and a supply that fails at an exact moment.
 *
 * | request | answer |
 * |---|---|
 * | `{id, op: 'identify'}` | `{id, ok: true, signature, serial}`; needs power and RESET held |
 * | `{id, op: 'program', area, image}` (base64) | `{id, ok: true, bytes}`; needs power and RESET held |
 * | `{id, op: 'cut-at', cycles}` (null: no more) | `{id, ok: true}`: the supply fails so many CPU cycles after the next power-up, and comes back with the next but one |
 * | `{id, op: 'cut-on', text}` | `{id, ok: true}`; boards in QEMU alone: the supply fails as soon as the console has said that, once |
 * | `{id, op: 'status'}` | `{id, ok: true, powered, held, cycles, slippedMs, lostBytes, cpuMs}` |
 */
export type BoardRequest =
	| LineRequest
	| { readonly id: number; readonly op: 'identify' }
	| { readonly id: number; readonly op: 'program'; readonly area: BoardFlashArea; readonly image: string }
	| { readonly id: number; readonly op: 'cut-at'; readonly cycles: number | null }
	| { readonly id: number; readonly op: 'cut-on'; readonly text: string }
	| { readonly id: number; readonly op: 'status' };

export type BoardAnswer =
	| { readonly id: number; readonly ok: true; readonly [key: string]: unknown }
	| { readonly id: number; readonly ok: false; readonly error: string };

/** Longest request: an image in base64 and what is around it. */
export const LONGEST_LINE_BYTES = 1 << 18;
