#!/bin/sh
# check_avx512.sh DIRECTORY [TEST...]: runs tests of the AVX-512 kernels on a machine without AVX-512, under Bochs, which emulates an Ice Lake.
#
# Builds the rooms base, tensor and backend in DIRECTORY, static, their tests for the set avx512 alone; puts the TESTs (backend.agreement and
# backend.kernels) into an initramfs beside Debian's kernel for clouds, which apt-get fetches there, and boots that from an ISO. What tests
# print goes to DIRECTORY/bochs/serial.log. Booting takes half a billion instructions, of which Bochs does some millions a second: a minute
# or two on an idle machine. backend.fast and backend.attention take as long again each, backend.dot several times that.
#
# Bochs 2.7 rounds all ties between two F16 up, with the AVX2 set too: the tests leave those out there whose even side is down.
#
# Of the kernel's arguments, clearcpuid= takes away what Bochs emulates in part: the compact form of xsave; fsrm without the fast strings
# that it rests on, at which this kernel's memmove runs over memory.
set -eu
cd "$(dirname "$0")/.."
source=$PWD
directory=$1
shift
[ $# -gt 0 ] || set -- backend.agreement backend.kernels
seconds=${BOMBUS_BOCHS_SECONDS:-1800}
isolinux=/usr/lib/ISOLINUX/isolinux.bin
module=/usr/lib/syslinux/modules/bios/ldlinux.c32

skip()
{
    echo "SKIP: $1"
    exit 77
}

if grep -q avx512_vnni /proc/cpuinfo; then
    skip "on this machine every test runs these kernels"
fi
for program in bochs xorriso cpio $isolinux $module /usr/share/bochs/BIOS-bochs-latest /usr/share/vgabios/vgabios.bin; do
    command -v "$program" >/dev/null || [ -e "$program" ] ||
        skip "there is no $program here (apt-get install bochs bochsbios vgabios isolinux syslinux-common xorriso cpio)"
done

cmake -S . -B "$directory" -G Ninja -DBOMBUS_CORE=ON -DCMAKE_C_FLAGS="-DTEST_THREADS=1 -DTEST_WITHOUT_TIES -DTEST_KERNEL_SET='\"cpu/avx512\"'" >/dev/null
for test in "$@"; do
    ninja -C "$directory" -j"$(nproc)" --quiet "tests/$test"
done

cd "$directory"
if [ ! -e kernel/vmlinuz ]; then
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p')
    mkdir -p kernel
    [ -n "$package" ] && (cd kernel && apt-get download -qq "$package") || skip "apt-get cannot fetch a kernel"
    dpkg-deb -x kernel/linux-image-*.deb kernel
    mv kernel/boot/vmlinuz-* kernel/vmlinuz
fi

rm -rf bochs
mkdir -p bochs/root/tests bochs/root/proc bochs/root/dev bochs/iso
${CC:-gcc} -O2 -static -o bochs/root/init "$source/tests/cross/init.c"
for test in "$@"; do
    strip -o "bochs/root/tests/$test" "tests/$test"
done
(cd bochs/root && find . | cpio -o -H newc --quiet) >bochs/iso/initrd
cp kernel/vmlinuz $isolinux $module bochs/iso
cat >bochs/iso/isolinux.cfg <<END
default linux
prompt 0
label linux
kernel vmlinuz
append initrd=initrd quiet console=ttyS0,115200 nokaslr mitigations=off tsc=reliable lpj=1000000 lsm=capability clearcpuid=xsaves,xsavec,pku,aperfmperf,fsrm
END
xorriso -as mkisofs -quiet -o bochs/cd.iso -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table bochs/iso 2>/dev/null

cd bochs
cat >bochsrc <<END
config_interface: textconfig
display_library: rfb, options="timeout=0"
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
cpu: model=corei7_icelake_u, count=1, ips=20000000
memory: guest=256, host=256
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path=cd.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=serial.log
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
log: bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
END
echo c >start # Debian's Bochs has its debugger, which waits to be told
timeout "$seconds" bochs -q -f bochsrc -rc start >bochs.out 2>&1 </dev/null || true

tr -d '\r' <serial.log >results
cat results
if ! grep -q '^all have run$' results; then
    echo "the machine did not come to its end in $seconds s" >&2
    exit 1
fi
if grep 'SKIP kernels' results; then
    echo "a processor that has them was said to lack some" >&2
    exit 1
fi
for test in "$@"; do
    grep -qx "$test: status 0" results || failed="${failed:-} $test"
done
[ -z "${failed:-}" ] || { echo "failed:$failed" >&2 && exit 1; }
