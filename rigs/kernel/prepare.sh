#!/usr/bin/env bash
# Fetches a Debian kernel and builds gpio-sim for it, which Debian ships as source only. Leaves vmlinuz, root/ and gpio-sim/*.ko in the folder
# given; what is there is not made again.
set -euo pipefail
work=$1
mkdir -p "$work"
cd "$work"
[ -e ready ] && exit 0

series=6.1
abi=$(apt-cache search --names-only "^linux-image-$series.*-amd64\$" | grep -oE "linux-image-$series[0-9.]*-[0-9]+-amd64" | sort -V | tail -n 1)
[ -n "$abi" ] || { echo "no linux-image-$series of Debian 12 in the package lists"; exit 1; }
abi=${abi#linux-image-}
abi=${abi%-amd64}
apt-get download -q "linux-image-$abi-amd64" "linux-headers-$abi-amd64" "linux-headers-$abi-common" "linux-kbuild-$series" "linux-source-$series"
for package in linux-*.deb; do dpkg -x "$package" root; done
rm linux-*.deb
ln -sfn "root/boot/vmlinuz-$abi-amd64" vmlinuz
echo "$abi-amd64" >release

headers=$PWD/root/usr/src
sed -i "s|include /usr/src/linux-headers|include $headers/linux-headers|" "$headers/linux-headers-$abi-amd64/Makefile"
# Kernel makefiles look for kbuild where the package would have been installed.
find "$headers" -lname '/usr/lib/linux-kbuild*' -o -lname '../../lib/linux-kbuild*' | while read -r link; do
	ln -sfn "$PWD/root/usr/lib/linux-kbuild-$series/$(basename "$link")" "$link"
done
tree=linux-source-$series
tar xf "root/usr/src/$tree.tar.xz" "$tree/drivers/gpio/gpio-sim.c" "$tree/drivers/gpio/gpiolib.h" "$tree/kernel/irq/irq_sim.c"
mkdir -p gpio-sim
cp "$tree"/drivers/gpio/{gpio-sim.c,gpiolib.h} "$tree/kernel/irq/irq_sim.c" gpio-sim/
rm -r "$tree" "root/usr/src/$tree.tar.xz"
# irq_to_desc is not exported to modules; this delivers the same interrupt.
sed -i 's/handle_simple_irq(irq_to_desc(\([a-z]*\)));/generic_handle_irq_safe(\1);/' gpio-sim/irq_sim.c
printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n' >>gpio-sim/irq_sim.c
echo 'obj-m := irq_sim.o gpio-sim.o' >gpio-sim/Makefile
make -s -C "$headers/linux-headers-$abi-amd64" M="$PWD/gpio-sim" modules
depmod -b root "$abi-amd64"
touch ready
