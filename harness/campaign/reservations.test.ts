import test from 'ava';
import { Reservations } from './reservations.js';

const take = (reservations: Reservations, campaign: string, devices: readonly string[]) => {
	const id = reservations.open();
	return { id, held: [...reservations.take({ id, campaign, devices })] };
};

test('who asks first has a device, and who asks next is told whose it is', (t) => {
	const reservations = new Reservations();
	t.deepEqual(take(reservations, 'spring', ['d-1', 'd-2']).held, []);
	t.deepEqual(take(reservations, 'hotfix', ['d-2', 'd-3']).held, [['d-2', 'spring']]);
	t.deepEqual(take(reservations, 'third', ['d-1', 'd-3']).held, [
		['d-1', 'spring'],
		['d-3', 'hotfix'],
	]);
});

test('a controller that asks again has what it had; a second one of the same plan is a stranger to it', (t) => {
	const reservations = new Reservations();
	const { id } = take(reservations, 'spring', ['d-1']);
	t.is(reservations.take({ id, campaign: 'spring', devices: ['d-1', 'd-2'] }).size, 0);
	t.deepEqual(take(reservations, 'spring', ['d-1', 'd-2']).held, [
		['d-1', 'spring'],
		['d-2', 'spring'],
	]);
});

test('what is freed may be taken, and nothing else is', (t) => {
	const reservations = new Reservations();
	const { id } = take(reservations, 'spring', ['d-1']);
	take(reservations, 'hotfix', ['d-2']);
	reservations.free(id);
	reservations.free(id);
	t.deepEqual(take(reservations, 'third', ['d-1', 'd-2']).held, [['d-2', 'hotfix']]);
});
