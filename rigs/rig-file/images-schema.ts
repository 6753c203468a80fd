import { z } from 'zod';
import { shaped, text, told } from './values.js';

const image = z.strictObject(
	{
		/** From the folder of the file that names it. */
		file: text("an image's file was expected"),
		version: shaped("a version was expected, in quotes where it looks like a number ('1.2.0')", /^\d[\w.+-]{0,40}$/),
		/** What the board says that it runs, where that is not the SHA-256 of the file: a build id, a CRC. */
		digest: shaped('what the board tells of the image was expected, in small hex digits and in quotes', /^[0-9a-f]{8,128}$/).optional(),
	},
	told('an image was expected: file, version, digest'),
);

/** Images for a board, each from the folder of the file that names it. */
export const imagesSchema = z.strictObject(
	{
		/** Known good: what a health check and a recovery write. */
		golden: image.optional(),
		candidate: image.optional(),
		/** Boots and never confirms itself, or crashes: must be reverted. */
		bad: image.optional(),
		/** Bad in a way that is known: hangs as it starts, runs and never confirms itself, fails its self-test. */
		'bad-hangs': image.optional(),
		'bad-silent': image.optional(),
		'bad-unwell': image.optional(),
		/** Signed by a stranger: must be refused. */
		'wrong-key': image.optional(),
		/** With one bit of its payload turned over: must be refused. */
		'payload-bit': image.optional(),
	},
	told('images were expected: golden, candidate, bad, bad-hangs, bad-silent, bad-unwell, wrong-key, payload-bit'),
);
