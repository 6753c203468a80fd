import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import {
	BUILD_DEFAULTS,
	type BuildOptions,
	buildImage,
	classIdOf,
	encodeBehaviour,
	formatVersion,
	IMAGE_BEHAVIOURS,
	type ImageDependency,
	isImageBehaviour,
	parseVersion,
	trailerSizeBytes,
	vendorIdOf,
} from '../../firmware/index.js';
import { UsageError } from '../usage-error.js';
import { readInput, readSigningKey } from './input-files.js';
import { allValues, type OptionValue, onlyValue, parseWholeNumber, parseWriteSize } from './option-values.js';
import { type Output, printResult } from './output.js';
import { writeOutput } from './write-output.js';

interface SignArguments {
	readonly payload: string;
	readonly key: OptionValue;
	readonly version: OptionValue;
	readonly out: OptionValue;
	readonly 'header-size': OptionValue;
	readonly 'security-counter': OptionValue;
	readonly dependency: OptionValue;
	readonly 'vendor-id': OptionValue;
	readonly 'class-id': OptionValue;
	readonly 'slot-size': OptionValue;
	readonly 'write-size': OptionValue;
	readonly behaviour: OptionValue;
	readonly pad: boolean;
	readonly confirm: boolean;
	readonly force: boolean;
	readonly json: boolean;
}

/** `image sign`: what imgtool's `sign --pad-header` writes for the same options. */
export const createSignCommand = (output: Output): CommandModule<object, SignArguments> => ({
	command: 'sign <payload>',
	describe: 'Make a signed MCUboot image of a binary',
	builder: describeOptions,
	handler: async (given) => {
		const options = readOptions(given);
		const out = onlyValue('--out', given.out) ?? `${given.payload.replace(/\.bin$/, '')}.signed.bin`;
		if (options.payload.length === 0) throw new UsageError(`${given.payload}: a binary was expected, the file is empty`);
		const bytes = asUsage(() => buildImage(options));
		if (options.pad === undefined) assertFits(bytes.length, given);
		writeOutput(out, { bytes, overwrite: given.force });
		const version = formatVersion(options.version);
		const { kind, verifyingKey } = options.key;
		const keyHash = Buffer.from(verifyingKey.keyHash).toString('hex');
		printResult(output, {
			asJson: given.json,
			data: { file: out, version, sizeBytes: bytes.length, kind, keyHash },
			text: `wrote ${out}: version ${version}, ${bytes.length} bytes, signed with ${kind} key ${keyHash.slice(0, 16)}…`,
		});
		output.setExitCode(0);
	},
});

const describeOptions = (yargs: Argv<object>): Argv<SignArguments> =>
	yargs
		// yargs' own --version would take the flag that imgtool's users know for the image's version.
		.version(false)
		.positional('payload', { type: 'string', demandOption: true, describe: 'The application as a raw binary, without a header' })
		.option('key', { type: 'string', nargs: 1, demandOption: true, describe: 'The private key, PEM: ed25519, ecdsa-p256, rsa-2048 or rsa-3072' })
		.option('version', { type: 'string', nargs: 1, demandOption: true, describe: 'Version of the image: major.minor.revision+build' })
		.option('out', { type: 'string', nargs: 1, describe: 'File to write', defaultDescription: 'PAYLOAD.signed.bin' })
		.option('header-size', { type: 'string', nargs: 1, describe: 'Bytes before the payload', defaultDescription: '0x200' })
		.option('security-counter', { type: 'string', nargs: 1, describe: 'Counter that must not fall, or auto: from the version' })
		.option('dependency', { type: 'string', nargs: 1, describe: 'Least version of another image, "(1, 1.2.3+4)"; may be repeated' })
		.option('vendor-id', { type: 'string', nargs: 1, describe: "The vendor's domain name, or a UUID" })
		.option('class-id', { type: 'string', nargs: 1, describe: "The hardware class's name below its vendor, or a UUID" })
		.option('slot-size', { type: 'string', nargs: 1, describe: 'Bytes of the slot that image and trailer must fit' })
		.option('write-size', { type: 'string', nargs: 1, describe: 'Bytes the flash writes at once, for the trailer', defaultDescription: '4' })
		.option('pad', { type: 'boolean', default: false, describe: 'Fill the whole slot; its trailer asks for a trial' })
		.option('confirm', { type: 'boolean', default: false, describe: 'As --pad, but the trailer asks for good' })
		.option('behaviour', { type: 'string', nargs: 1, choices: IMAGE_BEHAVIOURS, describe: 'How simulated devices see it behave' })
		.option('force', { type: 'boolean', default: false, describe: 'Overwrite the file' })
		.option('json', { type: 'boolean', default: false, describe: 'One JSON object on standard output' })
		.example('$0 image sign app.bin --key root.pem --version 1.2.3', 'Writes app.signed.bin')
		.example('$0 image sign app.bin --key root.pem --version 1.2.3+4 --security-counter auto --pad --slot-size 0x40000', 'A whole slot, ready to flash')
		.example('$0 image sign app.bin --key root.pem --version 2.0.0 --behaviour hangs-at-boot --out bad.bin', 'A release that a simulated fleet must survive');

const readOptions = (given: ArgumentsCamelCase<SignArguments>): BuildOptions & { readonly key: NonNullable<BuildOptions['key']> } => {
	const securityCounter = readSecurityCounter(given['security-counter']);
	const vendorName = onlyValue('--vendor-id', given['vendor-id']);
	const className = onlyValue('--class-id', given['class-id']);
	if (className !== undefined && vendorName === undefined) throw new UsageError('--class-id: a class belongs to a vendor, --vendor-id was expected beside it');
	const vendorId = vendorName === undefined ? undefined : vendorIdOf(vendorName);
	const behaviour = onlyValue('--behaviour', given.behaviour);
	const keyFile = onlyValue('--key', given.key);
	if (keyFile === undefined) throw new UsageError('--key: a private key was expected');
	const pad = readPadding(given);
	return {
		version: asUsage(() => parseVersion(onlyValue('--version', given.version) ?? ''), '--version'),
		headerSizeBytes: parseWholeNumber('--header-size', { value: given['header-size'], min: 32, max: 0xffff }) ?? BUILD_DEFAULTS.headerSizeBytes,
		...(securityCounter !== undefined && { securityCounter }),
		dependencies: allValues(given.dependency).map(parseDependency),
		...(vendorId && { vendorId }),
		...(vendorId && className !== undefined && { classId: classIdOf(className, vendorId) }),
		...(behaviour !== undefined && isImageBehaviour(behaviour) && { vendorTlvs: [encodeBehaviour(behaviour)] }),
		...(pad && { pad }),
		key: readSigningKey(keyFile),
		payload: readInput(given.payload),
	};
};

/** `--pad` and `--confirm` need the slot they fill; a slot alone is only held against the image. */
const readPadding = (given: ArgumentsCamelCase<SignArguments>): BuildOptions['pad'] => {
	const slotSizeBytes = parseWholeNumber('--slot-size', { value: given['slot-size'], min: 1, max: MAX_SLOT_BYTES });
	const writeSizeBytes = parseWriteSize(given['write-size']);
	if (!given.pad && !given.confirm) return undefined;
	const flag = given.confirm ? '--confirm' : '--pad';
	if (slotSizeBytes === undefined) throw new UsageError(`${flag}: the slot to fill is not known, --slot-size was expected beside it`);
	return { slotSizeBytes, confirm: given.confirm, ...(writeSizeBytes !== undefined && { writeSizeBytes }) };
};

/** A padded image is made in memory: larger slots are a slip of the finger. */
const MAX_SLOT_BYTES = 0x4000_0000;

const assertFits = (imageSizeBytes: number, given: ArgumentsCamelCase<SignArguments>): void => {
	const slotSizeBytes = parseWholeNumber('--slot-size', { value: given['slot-size'], min: 1, max: MAX_SLOT_BYTES });
	const writeSizeBytes = parseWriteSize(given['write-size']);
	const trailerBytes = trailerSizeBytes(writeSizeBytes === undefined ? {} : { writeSizeBytes });
	if (slotSizeBytes === undefined || imageSizeBytes + trailerBytes <= slotSizeBytes) return;
	throw new UsageError(`--slot-size: image size ${imageSizeBytes} with a trailer of ${trailerBytes} exceeds ${slotSizeBytes}`);
};

const readSecurityCounter = (value: OptionValue): number | 'auto' | undefined => {
	const text = onlyValue('--security-counter', value);
	if (text === undefined || text === 'auto') return text;
	if (!/^(\d+|0x[0-9a-f]+)$/i.test(text)) throw new UsageError(`--security-counter: a whole number or auto was expected, got ${JSON.stringify(text)}`);
	return parseWholeNumber('--security-counter', { value: text, min: 0, max: 0xffff_ffff });
};

/** imgtool's way of writing a dependency: `(image id, version)`. */
const parseDependency = (text: string): ImageDependency => {
	const [, imageId, version] = /^\s*\(\s*(\d{1,3})\s*,\s*([^\s,()]+)\s*\)\s*$/.exec(text) ?? [];
	if (imageId === undefined || version === undefined || Number(imageId) > 0xff) {
		throw new UsageError(`--dependency: "(image id from 0 to 255, version)" was expected, got ${JSON.stringify(text)}`);
	}
	return { imageId: Number(imageId), version: asUsage(() => parseVersion(version), '--dependency') };
};

/** What firmware calls a wrong argument is wrong use here. */
const asUsage = <Value>(make: () => Value, flag?: string): Value => {
	try {
		return make();
	} catch (error) {
		if (error instanceof RangeError) throw new UsageError(`${flag === undefined ? '' : `${flag}: `}${error.message}`, { cause: error });
		throw error;
	}
};
