import { LeaseError, listBroken, listLeases } from '../../leases/index.js';
import type { RigHost } from '../rig-host.js';
import type { Check, Finding } from './finding.js';

/** Who has boards of this host, what was left behind, and which boards nobody gets. */
export const checkLeases: Check = ({ host }) => {
	try {
		return describe(host);
	} catch (error) {
		if (!(error instanceof LeaseError)) throw error;
		return [{ state: 'wrong', what: error.message, remedy: 'remove what stands there, or set XDG_RUNTIME_DIR to a folder of your own' }];
	}
};

const describe = (host: RigHost): readonly Finding[] => {
	const options = { environment: host.environment };
	const leases = listLeases(options).map(
		({ board, holder, why, isFree }): Finding =>
			isFree
				? { state: 'good', what: `board ${board.board} of rig ${board.rig}: left by ${holder}: ${why}; the next run takes it` }
				: { state: 'good', what: `board ${board.board} of rig ${board.rig}: held by ${holder}: ${why}` },
	);
	const broken = listBroken(options).map(
		({ board, mark }): Finding => ({
			state: 'wrong',
			what: `board ${board.board} of rig ${board.rig}: marked broken since ${mark.since}: ${mark.reason}`,
			remedy: `see to it, then: blackstart rig repair ${board.board}`,
		}),
	);
	const findings = [...leases, ...broken];
	return findings.length === 0 ? [{ state: 'good', what: 'no board is held, none is marked broken' }] : findings;
};
