/** A message that the service wants delivered to one thing. */
export interface Outgoing {
	readonly thing: string;
	readonly topic: string;
	readonly payload: Uint8Array;
	/**
	 * The answer to a request of Jobs: it goes to the client that asked, whether it has subscribed to it or not (AWS IoT
	 * developer guide, "Jobs device MQTT API operations"; AWS's embedded agent subscribes to no answer). At which QoS it comes
	 * then AWS does not say: nothing was granted, so at most once, and whoever asked asks again.
	 */
	readonly isAnswer?: true;
}
