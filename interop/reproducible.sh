#!/usr/bin/env bash
# T3, T26: two builds of what strangers and members run, from one commit in two different folders, are the same octets. So a program
# that differs from the one that anybody builds was changed.
#   interop/reproducible.sh [COMMIT]      default: HEAD; nothing is downloaded: run it after a build of the tree
set -euo pipefail
cd "$(dirname "$0")/.."
commit=$(git rev-parse "${1:-HEAD}")
base=$PWD/target/reproducible
programs=(waarborg-verify waarborg-trustee)
cargo_home=${CARGO_HOME:-$HOME/.cargo}
rust_home=$(rustc --print sysroot)
# Without network where the machine lets us make one; in any case Cargo is told to stay offline.
alone=(unshare --user --map-root-user --net)
"${alone[@]}" true 2>/dev/null || alone=()

build() { # folder
    local folder=$1 map from to
    rm -rf "$folder"
    mkdir -p "$folder"
    git archive "$commit" | tar -x -C "$folder"
    # Paths of this machine stand in panics and in C's __FILE__: all of them become the same.
    local rust="" c=""
    for map in "$folder=/source" "$cargo_home=/cargo" "$rust_home=/rust"; do
        rust+=" --remap-path-prefix=$map"
        c+=" -ffile-prefix-map=$map"
    done
    (cd "$folder" && env -u CARGO_TARGET_DIR RUSTFLAGS="${rust# }" CFLAGS="${c# }" SOURCE_DATE_EPOCH=0 \
        "${alone[@]}" cargo build --quiet --release --locked --offline -p verify -p trustee --bins)
}

build "$base/one"
build "$base/another-folder/two"
failed=0
for program in "${programs[@]}"; do
    first=$(sha256sum <"$base/one/target/release/$program" | cut -d' ' -f1)
    second=$(sha256sum <"$base/another-folder/two/target/release/$program" | cut -d' ' -f1)
    if [ "$first" = "$second" ]; then
        echo "same    $first  $program"
    else
        echo "DIFFERS $first $second  $program"
        failed=1
    fi
    # A path that got through would differ on the next machine.
    if grep -qaF -e "$base" -e "$cargo_home" "$base/one/target/release/$program"; then
        echo "PATHS   $program names folders of this machine"
        failed=1
    fi
done
echo "commit $commit, $(rustc -V), $(cc --version | head -1)"
exit $failed
