/** One line of a GPIO chip that is held until it is closed: what happens to it then is the chip's affair, so wire it that undriven is safe. */
export interface GpioLine extends AsyncDisposable {
	/** As in the rig file: chip and line by their names. */
	readonly name: string;
	/** Logical level: `true` is active, whatever the polarity of the line. */
	set(active: boolean): Promise<void>;
	get(): Promise<boolean>;
}

export interface GpioLineRequest {
	/** Chip by name or label. */
	readonly chip: string;
	readonly line: string;
	readonly activeLow: boolean;
	/** An output takes its initial level in the same step as its direction. */
	readonly direction: 'input' | { readonly output: boolean };
	readonly drive: 'push-pull' | 'open-drain';
	/** Shows up in the kernel's list of lines. */
	readonly consumer: string;
}

/** Opens lines of GPIO chips. Rejects with a GpioError that names chip and line. */
export interface GpioPort {
	/** Which way is used and why, for people: `libgpiod 1.6.3 tools on the character device`. */
	readonly description: string;
	openLine(request: GpioLineRequest): Promise<GpioLine>;
}
