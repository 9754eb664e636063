// Checks the log fixture with golang.org/x/mod/sumdb (note, tlog), which we did not write.
//
//	verify DIR         accept (exit 0) or refuse (exit 1) a fixture directory
//	verify DIR TWIN    accept only if TWIN is a split view: same key and origin, valid signatures, another history
//
// Ours in here is only glue: paths, the .tlog-proof's lines, and the cosignature/v1 message (x/mod 0.7.0 does not know 0x04).
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var sizes = []int64{1, 5, 256, 300, 1000, 70000}

func refuse(format string, args ...interface{}) {
	fmt.Printf("refused: "+format+"\n", args...)
	os.Exit(1)
}

func must(err error, what string) {
	if err != nil {
		refuse("%s: %v", what, err)
	}
}

func read(dir, name string) []byte {
	b, err := os.ReadFile(filepath.Join(dir, name))
	must(err, name)
	return b
}

// open checks a checkpoint's signature and gives its tree.
func open(dir, name string) (tlog.Tree, string) {
	v, err := note.NewVerifier(strings.TrimSpace(string(read(dir, "log.vkey"))))
	must(err, "log.vkey")
	n, err := note.Open(read(dir, name), note.VerifierList(v))
	must(err, name)
	return tree(n.Text, v.Name(), name), n.Text
}

func tree(text, origin, name string) tlog.Tree {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != origin {
		refuse("%s: not a checkpoint of %s", name, origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, name)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err, name)
	if len(root) != 32 {
		refuse("%s: root of %d bytes", name, len(root))
	}
	var h tlog.Hash
	copy(h[:], root)
	return tlog.Tree{N: size, Hash: h}
}

func number(n int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	return s
}

// tiles reads tile/<L>/<N>[.p/<W>] for x/mod's tile/8/<L>/<N>[.p/<W>].
type tiles struct{ dir string }

func (t tiles) Height() int                              { return 8 }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte)      {}
func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, w := range want {
		path := fmt.Sprintf("tile/%d/%s", w.L, number(w.N))
		if w.W != 256 {
			path += fmt.Sprintf(".p/%d", w.W)
		}
		b, err := os.ReadFile(filepath.Join(t.dir, path))
		if err != nil && w.W != 256 {
			b, err = os.ReadFile(filepath.Join(t.dir, fmt.Sprintf("tile/%d/%s", w.L, number(w.N))))
			if err == nil && len(b) == 8192 {
				b = b[:32*w.W]
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func bundle(dir string, n, size int64) [][]byte {
	path := "tile/entries/" + number(n)
	want := int64(256)
	if n == size/256 {
		want = size % 256
		path += fmt.Sprintf(".p/%d", want)
	}
	b := read(dir, path)
	var entries [][]byte
	for len(b) > 0 {
		if len(b) < 2 || len(b) < 2+int(binary.BigEndian.Uint16(b)) {
			refuse("%s: cut off", path)
		}
		end := 2 + int(binary.BigEndian.Uint16(b))
		entries = append(entries, b[2:end])
		b = b[end:]
	}
	if int64(len(entries)) != want {
		refuse("%s: %d entries", path, len(entries))
	}
	return entries
}

// everyEntry authenticates every tile and every bundle against the signed root.
func everyEntry(dir string, t tlog.Tree) {
	reader := tlog.TileHashReader(t, tiles{dir})
	for n := int64(0); n*256 < t.N; n++ {
		entries := bundle(dir, n, t.N)
		var indexes []int64
		for i := range entries {
			indexes = append(indexes, tlog.StoredHashIndex(0, n*256+int64(i)))
		}
		hashes, err := reader.ReadHashes(indexes)
		must(err, "tiles")
		for i, e := range entries {
			if tlog.RecordHash(e) != hashes[i] {
				refuse("entry %d is not what the tree holds", n*256+int64(i))
			}
		}
	}
	r := rand.New(rand.NewSource(7))
	for i := 0; i < 300; i++ {
		index := r.Int63n(t.N)
		p, err := tlog.ProveRecord(t.N, index, reader)
		must(err, "prove")
		e := bundle(dir, index/256, t.N)[index%256]
		must(tlog.CheckRecord(p, t.N, t.Hash, index, tlog.RecordHash(e)), "inclusion")
	}
}

func hashLines(text string) []tlog.Hash {
	var out []tlog.Hash
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		b, err := base64.StdEncoding.DecodeString(line)
		must(err, "hash")
		if len(b) != 32 {
			refuse("a hash of %d bytes", len(b))
		}
		var h tlog.Hash
		copy(h[:], b)
		out = append(out, h)
	}
	return out
}

// proof checks the .tlog-proof: its checkpoint, its cosignature, inclusion of the entry.
func proof(dir string) {
	text := string(read(dir, "entry.tlog-proof"))
	cut := strings.Index(text, "\n\n")
	if cut < 0 || !strings.HasPrefix(text, "c2sp.org/tlog-proof@v1\nindex ") {
		refuse("entry.tlog-proof: shape")
	}
	lines := strings.SplitN(text[:cut], "\n", 3)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	must(err, "index")
	v, err := note.NewVerifier(strings.TrimSpace(string(read(dir, "log.vkey"))))
	must(err, "log.vkey")
	n, err := note.Open([]byte(text[cut+2:]), note.VerifierList(v))
	must(err, "checkpoint of the proof")
	t := tree(n.Text, v.Name(), "proof")
	cosigned(dir, text[cut+2:], n.Text)
	entry, err := hex.DecodeString(strings.TrimSpace(string(read(dir, "entry.hex"))))
	must(err, "entry.hex")
	must(tlog.CheckRecord(hashLines(lines[2]), t.N, t.Hash, index, tlog.RecordHash(entry)), "tlog-proof")
}

// cosigned checks the 0x04 line with crypto/ed25519: payload = key id[4], time[8], signature[64].
func cosigned(dir, whole, text string) {
	parts := strings.SplitN(strings.TrimSpace(string(read(dir, "witness.vkey"))), "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err, "witness.vkey")
	if len(key) != 33 || key[0] != 4 {
		refuse("witness.vkey: not of type 0x04")
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	for _, line := range strings.Split(whole, "\n") {
		if !strings.HasPrefix(line, "\u2014 "+parts[0]+" ") {
			continue
		}
		b, err := base64.StdEncoding.DecodeString(strings.Fields(line)[2])
		must(err, "cosignature")
		if len(b) != 76 || string(b[:4]) != string(id[:4]) {
			refuse("cosignature: shape or key id")
		}
		message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(b[4:12]), text)
		if !ed25519.Verify(key[1:], []byte(message), b[12:]) {
			refuse("cosignature does not verify")
		}
		return
	}
	refuse("no cosignature")
}

func consistency(dir string, trees map[int64]tlog.Tree) {
	newest := trees[70000]
	reader := tlog.TileHashReader(newest, tiles{dir})
	for _, size := range sizes[:len(sizes)-1] {
		p, err := tlog.ProveTree(newest.N, size, reader)
		must(err, "prove tree")
		must(tlog.CheckTree(p, newest.N, newest.Hash, size, trees[size].Hash), fmt.Sprintf("consistency from %d", size))
	}
	given := hashLines(string(read(dir, "consistency-1000-70000")))
	must(tlog.CheckTree(given, newest.N, newest.Hash, 1000, trees[1000].Hash), "given consistency proof")
}

func main() {
	if len(os.Args) < 2 {
		fmt.Println("usage: verify DIR [TWIN]")
		os.Exit(2)
	}
	dir := os.Args[1]
	trees := map[int64]tlog.Tree{}
	for _, size := range sizes {
		t, _ := open(dir, fmt.Sprintf("checkpoints/%d", size))
		if t.N != size {
			refuse("checkpoints/%d is of size %d", size, t.N)
		}
		trees[size] = t
	}
	published, text := open(dir, "checkpoint")
	if published != trees[70000] {
		refuse("the published checkpoint differs")
	}
	cosigned(dir, string(read(dir, "checkpoint")), text)
	everyEntry(dir, published)
	consistency(dir, trees)
	proof(dir)
	if len(os.Args) == 3 {
		other, _ := open(os.Args[2], "checkpoint")
		if other.N != published.N || other.Hash == published.Hash {
			refuse("no split view")
		}
		p, err := tlog.ProveTree(other.N, 1000, tlog.TileHashReader(other, tiles{os.Args[2]}))
		must(err, "prove twin")
		if tlog.CheckTree(p, other.N, other.Hash, 1000, trees[1000].Hash) == nil {
			refuse("the twin extends our history")
		}
	}
	fmt.Println("accepted: go x/mod sumdb note and tlog")
}
