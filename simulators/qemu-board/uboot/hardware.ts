import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HexRun } from '../../board/intel-hex.js';
import type { HardwareOptions, QemuHardware } from '../hardware.js';
import { decodeEnvironment, encodeEnvironment } from './environment.js';
import { manufacturePart, patchPart, readPart } from './flash-file.js';
import { factoryEnvironment, layoutOf, type ProductLayout, sequenceOf, type UbootBuild } from './product.js';
import { ubootImage } from './releases.js';

/** Debian's, of the package u-boot-qemu. */
export const UBOOT = '/usr/lib/u-boot/qemu_arm64/u-boot.bin';

/** The U-Boot board: its code in the first CFI flash part of `-M virt`, all that the product keeps in the second. */
export const createUbootHardware = ({ folder, build, firmware = UBOOT }: HardwareOptions): QemuHardware => {
	const [code, kept] = ['flash0.img', 'flash1.img'].map((name) => join(folder, name)) as [string, string];
	const environment = factoryEnvironment(build as UbootBuild);
	const layout = layoutOf(environment);
	const factoryRuns = (image: Uint8Array): readonly HexRun[] => [
		{ offsetBytes: 0, bytes: encodeEnvironment(environment) },
		{ offsetBytes: layout.slots.a, bytes: image },
	];
	return {
		words: [
			...['-M', 'virt', '-cpu', 'cortex-a53', '-m', '128'],
			...[code, kept].flatMap((file, index) => ['-drive', `if=pflash,format=raw,index=${index},file=${file}`]),
		],
		signature: 'virt cfi01',
		manufacture: () => {
			manufacturePart(code, { runs: [{ offsetBytes: 0, bytes: readFileSync(firmware) }], fill: 0x00 });
			manufacturePart(kept, { runs: factoryRuns(ubootImage('golden').bytes), fill: 0xff });
		},
		program: (area, image) => {
			if (image.length > layout.imageBytes) throw new RangeError(`image: at most ${layout.imageBytes} bytes were expected, got ${image.length}`);
			if (area === 'golden') {
				patchPart(kept, { offsetBytes: 0, bytes: new Uint8Array(layout.sizeBytes).fill(0xff) });
				for (const run of factoryRuns(image)) patchPart(kept, run);
				return;
			}
			const bytes = new Uint8Array(layout.imageBytes).fill(0xff);
			bytes.set(image);
			const isFirst = (area === 'primary') === (runningSlot(kept, layout) === 'a');
			patchPart(kept, { offsetBytes: isFirst ? layout.slots.a : layout.slots.b, bytes });
		},
	};
};

/** As the newest state that is whole tells; where none is, the slot of the factory. */
const runningSlot = (file: string, { states }: ProductLayout): 'a' | 'b' => {
	const [newest] = states.map((area) => decodeEnvironment(readPart(file, area)) ?? {}).sort((one, other) => sequenceOf(other) - sequenceOf(one));
	return newest?.['slot'] === 'b' ? 'b' : 'a';
};
