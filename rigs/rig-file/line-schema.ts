import { z } from 'zod';
import { duration, oneOf, shaped, told, yesOrNo } from './values.js';

const BY_NAME =
	"a GPIO line by chip and name was expected ({ chip: gpiochip0, line: GPIO17 }; where it has no name, its place there: line: 'line 17'): bare numbers change with kernel and model; `rig discover` prints names";

/** One line of a GPIO chip. */
export const gpioLine = z.strictObject(
	{
		chip: shaped(`the name or label of a GPIO chip was expected (gpiochip0, pinctrl-bcm2711)`, /^[A-Za-z][\w.:@/-]{0,63}$/).describe(
			'Name or label of the chip',
		),
		line: shaped(BY_NAME, /^(?=.*[^\d])[\x20-\x7e]{1,64}$/).describe("Name of the line; where its chip gives it none, its place there: 'line 17'"),
	},
	told(BY_NAME),
);

/** An output that is held for as long as the rig is in use. */
export const heldLine = z.strictObject(
	{
		gpio: gpioLine,
		activeLow: yesOrNo.default(false),
		drive: oneOf(['push-pull', 'open-drain']).default('push-pull'),
		/** Where it rests, set together with its direction. */
		idle: oneOf(['active', 'inactive']).default('inactive'),
		/** How long it is active to take effect. */
		pulse: duration.prefault('100ms'),
	},
	told('a line was expected: gpio, activeLow, drive, idle'),
);

export const linesSchema = z.strictObject({ reset: heldLine.optional(), boot: heldLine.optional() }, told('lines of the board were expected: reset, boot'));
