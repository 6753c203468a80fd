#!/usr/bin/env bash
# In the guest, as root: a chip of simulated lines, the serial adapters' modules, then the checks.
tree=$(cd "$(dirname "$0")/../.." && pwd)
modprobe -q configfs
mount -t configfs none /sys/kernel/config
insmod "$work/gpio-sim/irq_sim.ko" && insmod "$work/gpio-sim/gpio-sim.ko" || echo 'not ok - gpio-sim does not load'
chip=/sys/kernel/config/gpio-sim/rig
mkdir -p "$chip/bank0"
echo 8 >"$chip/bank0/num_lines"
echo rig >"$chip/bank0/label"
number=0
for name in relay reset sense drain; do
	mkdir "$chip/bank0/line$number"
	echo "$name" >"$chip/bank0/line$number/name"
	number=$((number + 1))
done
echo 1 >"$chip/live"
for module in xhci_pci usbserial ftdi_sio; do modprobe "$module"; done
lines=/sys/devices/platform/$(cat "$chip/dev_name")/$(cat "$chip/bank0/chip_name")
cd /tmp && node "$tree/build/rigs/kernel/guest.js" "$lines" 2>&1
