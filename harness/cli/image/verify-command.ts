import type { Argv, CommandModule } from 'yargs';
import { formatVersion, TLV, type Verdict, verifyImage } from '../../firmware/index.js';
import { UsageError } from '../usage-error.js';
import { type KeyFile, readInput, readVerifyingKey } from './input-files.js';
import { allValues, type OptionValue, parseWholeNumber, parseWriteSize } from './option-values.js';
import { type Output, printResult } from './output.js';

interface VerifyArguments {
	readonly file: string;
	readonly key: OptionValue;
	readonly 'slot-size': OptionValue;
	readonly 'write-size': OptionValue;
	readonly 'allow-list': boolean;
	readonly json: boolean;
}

/** `image verify`: exit 0 where MCUboot would accept the image, 1 where it would not. */
export const createVerifyCommand = (output: Output): CommandModule<object, VerifyArguments> => ({
	command: 'verify <file>',
	describe: 'Judge an image as MCUboot would: 0 accepted, 1 rejected',
	builder: describeOptions,
	handler: async (given) => {
		const keys = allValues(given.key).map(readVerifyingKey);
		if (keys.length === 0) throw new UsageError('--key: at least one public key was expected');
		const slotSizeBytes = parseWholeNumber('--slot-size', { value: given['slot-size'], min: 1 });
		const writeSizeBytes = parseWriteSize(given['write-size']);
		const bytes = readInput(given.file);
		const verdict = verifyImage(bytes, {
			keys: keys.map(({ key }) => key),
			...(slotSizeBytes !== undefined && { slotSizeBytes }),
			...(writeSizeBytes !== undefined && { writeSizeBytes }),
			unprotectedTlvAllowList: given['allow-list'],
		});
		printResult(output, { asJson: given.json, ...describeVerdict(verdict, { file: given.file, keys }) });
		output.setExitCode(verdict.accepted ? 0 : 1);
	},
});

const describeOptions = (yargs: Argv<object>): Argv<VerifyArguments> =>
	yargs
		.positional('file', { type: 'string', demandOption: true, describe: 'The image, as imgtool or `image sign` wrote it' })
		.option('key', { type: 'string', nargs: 1, demandOption: true, describe: 'A trusted public key, PEM or DER; may be repeated' })
		.option('slot-size', { type: 'string', nargs: 1, describe: 'Bytes of the slot that image and trailer must fit' })
		.option('write-size', { type: 'string', nargs: 1, describe: 'Bytes the flash writes at once, for the trailer', defaultDescription: '4' })
		.option('allow-list', { type: 'boolean', default: false, describe: 'Refuse unprotected TLVs that the check does not need' })
		.option('json', { type: 'boolean', default: false, describe: 'One JSON object on standard output' })
		.example('$0 image verify app.signed.bin --key root.pub.pem', 'Would a bootloader with this key boot it?')
		.example('$0 image verify app.signed.bin --key a.pem --key b.pem --slot-size 0x40000', 'Two trusted keys, and a slot of 256 KiB')
		.example('$0 image verify app.signed.bin --key a.pem --allow-list --json', 'As Zephyr configures MCUboot, for a script');

const describeVerdict = (
	verdict: Verdict,
	context: { readonly file: string; readonly keys: readonly KeyFile[] },
): { readonly data: object; readonly text: string } => {
	const { file, keys } = context;
	if (!verdict.accepted) {
		const { code, field, reason } = verdict;
		return { data: { file, verdict: 'rejected', code, field, reason }, text: `rejected: ${file}: ${reason}` };
	}
	const { header, sizeBytes, unprotectedTlvs, securityCounter } = verdict.image;
	const version = formatVersion(header.version);
	const hashes = unprotectedTlvs.filter((tlv) => tlv.type === TLV.KEYHASH);
	const signers = keys.filter(({ key }) => hashes.some((tlv) => Buffer.compare(tlv.data, key.keyHash) === 0));
	const data = { file, verdict: 'accepted', version, sizeBytes, securityCounter: securityCounter ?? null, keys: signers.map((signer) => signer.file) };
	const signed = signers.map((signer) => `${signer.key.kind} key ${signer.file}`).join(', ');
	return { data, text: `accepted: ${file}: version ${version}, ${sizeBytes} bytes, signed with ${signed || 'a trusted key'}` };
};
