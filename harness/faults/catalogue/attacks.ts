import type { InvariantName } from '../../events/index.js';

/** An attack that somebody's list of attacks on updates names, and what here stands for it. */
export interface Attack {
	readonly list: 'SUIT' | 'TUF' | 'Uptane';
	readonly name: string;
	/** Rows of the fault catalogue that it comes down to, as far as images and jobs go. */
	readonly rows: readonly string[];
	/** What must hold all the same. */
	readonly invariants: readonly InvariantName[];
	/** Why nothing here stands for it; only where nothing does. */
	readonly whyNot?: string;
}

const of =
	(list: Attack['list']) =>
	(name: string, rows: string, ...invariants: readonly InvariantName[]): Attack => ({ list, name, rows: rows.split(' '), invariants });
const [suit, tuf, uptane] = [of('SUIT'), of('TUF'), of('Uptane')];
const beyond = (list: Attack['list'], name: string, whyNot: string): Attack => ({ list, name, rows: [], invariants: [], whyNot });

const NOTHING_IS_HIDDEN =
	'images and jobs are not encrypted here, so that there is nothing to disclose; who may listen is the matter of TLS (run --transport tls).';

/**
 * The attacks of three lists: the threats of SUIT (RFC 9124, 4.2), the attacks that The Update Framework names (its
 * specification, 1.5.2), and those of the Uptane Standard's threat model.
 */
export const ATTACKS: readonly Attack[] = [
	suit('THREAT.IMG.EXPIRED', 'X1 X5', 'no-downgrade', 'once'),
	suit('THREAT.IMG.EXPIRED.OFFLINE', 'X5', 'once'),
	suit('THREAT.IMG.INCOMPATIBLE', 'M3', 'authentic'),
	suit('THREAT.IMG.FORMAT', 'M1 M2 N4', 'whole', 'authentic'),
	suit('THREAT.IMG.LOCATION', 'M4', 'whole'),
	suit('THREAT.NET.REDIRECT', 'N4', 'authentic'),
	suit('THREAT.NET.ONPATH', 'N1 N3', 'whole'),
	suit('THREAT.IMG.REPLACE', 'N3 X8', 'authentic', 'whole'),
	suit('THREAT.IMG.NON_AUTH', 'X9', 'authentic'),
	suit('THREAT.UPD.WRONG_PRECURSOR', 'M7', 'whole'),
	suit('THREAT.UPD.UNAPPROVED', 'T9', 'audited'),
	beyond('SUIT', 'THREAT.IMG.DISCLOSURE', NOTHING_IS_HIDDEN),
	suit('THREAT.MFST.OVERRIDE', 'X2 X5', 'authentic', 'once'),
	beyond('SUIT', 'THREAT.MFST.EXPOSURE', NOTHING_IS_HIDDEN),
	suit('THREAT.IMG.EXTRA', 'M8', 'whole'),
	suit('THREAT.KEY.EXPOSURE', 'X7', 'authentic'),
	suit('THREAT.MFST.MODIFICATION', 'X2 X5 X6', 'authentic', 'once'),
	suit('THREAT.MFST.TOCTOU', 'X8', 'whole', 'authentic'),
	tuf('arbitrary installation', 'X9', 'authentic'),
	tuf('endless data', 'N4', 'converges'),
	tuf('extraneous dependencies', 'M5', 'authentic'),
	tuf('fast-forward', 'X3', 'no-downgrade'),
	tuf('indefinite freeze', 'X5', 'once'),
	tuf('malicious mirrors', 'N3 N4', 'whole', 'converges'),
	tuf('mix and match', 'X6', 'authentic', 'whole'),
	tuf('rollback', 'X1', 'no-downgrade'),
	tuf('slow retrieval', 'N4', 'converges'),
	tuf('vulnerability to key compromises', 'X7', 'authentic'),
	tuf('wrong software installation', 'M3', 'authentic'),
	beyond('Uptane', 'eavesdrop', NOTHING_IS_HIDDEN),
	uptane('drop-request', 'S3 N2', 'converges', 'truthful'),
	uptane('slow retrieval', 'N4', 'converges'),
	uptane('freeze', 'X5', 'once'),
	uptane('partial bundle installation', 'M5', 'audited', 'truthful'),
	uptane('denial of service', 'S7 N4 N9', 'converges', 'gentle'),
	uptane('rollback', 'X1', 'no-downgrade'),
	uptane('endless data', 'N4', 'converges'),
	uptane('mix and match', 'X6', 'authentic', 'whole'),
	uptane('arbitrary software', 'X9 X10', 'authentic', 'once'),
];
