import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Where a rig file has its boards find the update service. */
export interface ServicePlace {
	readonly interface?: string | undefined;
	readonly host?: string | undefined;
}

type Interfaces = Readonly<Record<string, readonly Pick<NetworkInterfaceInfo, 'address' | 'family'>[] | undefined>>;

/** The address that the service listens on, which is the one boards are told. Throws an Error that lists the interfaces there are. */
export const findServiceAddress = (place: ServicePlace, interfaces: Interfaces = networkInterfaces()): string => {
	if (place.host !== undefined) return place.host;
	const found = interfaces[place.interface ?? '']?.find(({ family }) => family === 'IPv4');
	if (found !== undefined) return found.address;
	const known = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
		addresses.filter(({ family }) => family === 'IPv4').map(({ address }) => `${name} ${address}`),
	);
	throw new Error(`service: interface ${place.interface} was expected to have an IPv4 address, this machine has ${known.join(', ') || 'none'}`);
};
