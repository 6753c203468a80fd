import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const COMMAND_MS = 30_000;

/** Makes a key and a certificate that swupdate takes: for signing, and for e-mail since it verifies as S/MIME does. */
export const makeSigner = async (folder: string): Promise<void> => {
	const subject = ['-subj', '/CN=update signer', '-addext', 'keyUsage=critical,digitalSignature', '-addext', 'extendedKeyUsage=emailProtection'];
	await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', ...subject, '-keyout', 'sign.key', '-out', 'sign.crt'], {
		cwd: folder,
		timeout: COMMAND_MS,
	});
};

/**
 * Makes a .swu: a cpio archive of sw-description, its CMS signature and the image, which the raw handler writes onto a plain file,
 * so that no block device is needed. The folder holds the signer.
 */
export const makeSwu = async (folder: string, { image, slot }: { readonly image: Uint8Array; readonly slot: string }): Promise<Buffer> => {
	const sha256 = createHash('sha256').update(image).digest('hex');
	await writeFile(join(folder, 'image.bin'), image);
	await writeFile(join(folder, 'sw-description'), describe({ sha256, slot }));
	await run(
		'openssl',
		[
			'cms',
			'-sign',
			'-in',
			'sw-description',
			'-out',
			'sw-description.sig',
			'-signer',
			'sign.crt',
			'-inkey',
			'sign.key',
			'-outform',
			'DER',
			'-nosmimecap',
			'-binary',
		],
		{ cwd: folder, timeout: COMMAND_MS },
	);
	await run('sh', ['-c', 'printf "sw-description\\nsw-description.sig\\nimage.bin\\n" | cpio -o -H crc > update.swu'], { cwd: folder, timeout: COMMAND_MS });
	return readFile(join(folder, 'update.swu'));
};

const describe = ({ sha256, slot }: { readonly sha256: string; readonly slot: string }): string => `software = {
	version = "2.0";
	hardware-compatibility: [ "1.0" ];
	stable: { copy2: { images: ( { filename = "image.bin"; type = "raw"; device = "${slot}"; sha256 = "${sha256}"; } ); }; };
}
`;
