/**
 * Devices that campaigns have to themselves, as an update service keeps them: whoever asks first has them until it frees
 * them. They outlive the controller that asked, so that nobody sends past one that was killed and will be followed by
 * another; where none will follow, a person frees them.
 */
export class Reservations {
	readonly #holders = new Map<string, { readonly id: string; readonly campaign: string }>();
	#opened = 0;

	/** A name for one that holds nothing yet, so that it can be kept before any device is. */
	open(): string {
		return `reservation-${++this.#opened}`;
	}

	/**
	 * Takes those devices that nobody else holds; asked again, the same ones. Returns the others with the campaign that holds
	 * each: one of the same name is another one all the same, where its reservation is.
	 */
	take({ id, campaign, devices }: ReservationRequest): ReadonlyMap<string, string> {
		const held = new Map<string, string>();
		for (const device of devices) {
			const holder = this.#holders.get(device);
			if (holder === undefined) this.#holders.set(device, { id, campaign });
			else if (holder.id !== id) held.set(device, holder.campaign);
		}
		return held;
	}

	/** Frees what a reservation still holds. */
	free(id: string): void {
		for (const [device, holder] of this.#holders) if (holder.id === id) this.#holders.delete(device);
	}
}

export interface ReservationRequest {
	readonly id: string;
	readonly campaign: string;
	readonly devices: readonly string[];
}
