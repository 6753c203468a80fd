import type { FlashSnapshot } from '../../harness/flash/index.js';
import type { Release } from '../../harness/firmware/index.js';
import { encodeCertificate } from '../../harness/protocols/index.js';
import { CERTIFICATE_SETTING, type Device, type Profile } from '../device/index.js';

/** Flash as it is when nothing but the image has been written, by profile: the same for every device of one world. */
export type ImagedFlash = Map<Profile, FlashSnapshot>;

/** The factory's work: writes the image, the settings and the boot record of a device. `imaged` is added to. */
export const provisionDevice = (device: Device, { installed, imaged }: { readonly installed: Release; readonly imaged: ImagedFlash }): void => {
	writeImage(device, { installed, imaged });
	device.settings.write({ name: device.id, password: device.password, reportEveryS: '3600', site: `site-${device.id.slice(-2)}`, ...certify(device) }, 1);
	device.bootloader.provision('a');
	const running = device.surroundings.slots.read(device, 'a');
	if (!running) throw new RangeError(`release ${installed.name}: devices of ${device.profile.hardware} do not accept the image they are to start with`);
	device.truth.provisioned(running);
};

/** A device that needs a certificate leaves with one, and with the time of its making. */
const certify = (device: Device): Readonly<Record<string, string>> => {
	const { trust } = device.surroundings;
	if (trust === undefined) return {};
	device.floor.keep(device.clock.epochMs);
	return { [CERTIFICATE_SETTING]: encodeCertificate(trust.issue(device.id)) };
};

/** Programs the image into the first device of a profile; the others are made its copies. */
const writeImage = (device: Device, { installed, imaged }: { readonly installed: Release; readonly imaged: ImagedFlash }): void => {
	const known = imaged.get(device.profile);
	if (known) return device.flash.restore(known);
	const image = installed.images.find(({ hardware }) => hardware === device.profile.hardware);
	if (!image) throw new RangeError(`release ${installed.name}: an image for ${device.profile.hardware} was expected, there is none`);
	const { layout, flash } = device.profile;
	const units = Math.ceil(image.bytes.length / flash.writeSizeBytes);
	const bytes = new Uint8Array(units * flash.writeSizeBytes).fill(flash.erasedByte);
	bytes.set(image.bytes);
	device.flash.program(layout.slotA.offsetBytes, bytes);
	imaged.set(device.profile, device.flash.snapshot());
};
