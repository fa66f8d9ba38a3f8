package flowtable

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// maxAtoms is how many numbers for atoms a classifier has, one for each bit of a
// set. The last is noAtom, whose hash is always 0.
const (
	maxAtoms = 64
	noAtom   = maxAtoms - 1
)

// atom is a word of a Key, what of it counts, and the secrets of its hash.
// Different masks are mostly made of the same atoms (a whole eth_type, a whole
// eth_dst), so a lookup hashes each atom once for all sub-tables.
type atom struct {
	index    int
	mask     uint64
	add, mul uint64 // secrets, random
}

// newAtom returns an atom with fresh secrets, so that nobody who chooses keys
// can choose collisions.
func newAtom(index int, mask uint64) atom {
	return atom{index, mask, rand.Uint64(), rand.Uint64() | 1}
}

// hash folds the product of the atom's bits and a secret into 64 bits of which
// each depends on all.
func (a *atom) hash(k *Key) uint64 {
	hi, lo := bits.Mul64((k[a.index]&a.mask)+a.add, a.mul)
	return hi ^ lo
}

// finish mixes a sum of atoms' hashes.
func finish(sum uint64) uint64 {
	hi, lo := bits.Mul64(sum, 0x9e3779b97f4a7c15) // 2^64 over the golden ratio
	return hi ^ lo
}

// hasher hashes and compares keys under one mask: the hash is the sum of those
// of its atoms, mixed.
type hasher struct {
	atoms []atom
	// shared is the set of the atoms' numbers and numbers their list, in fours,
	// filled up with noAtom. Both are empty, and alone is true, if there were
	// not numbers enough.
	shared  uint64
	numbers [][4]uint8
	alone   bool
}

// hash returns the hash of k under the mask.
func (h *hasher) hash(k *Key) uint64 {
	var sum uint64
	for i := range h.atoms {
		sum += h.atoms[i].hash(k)
	}
	return finish(sum)
}

// headWords are the first significant words of an entry's key, side by side.
type headWords [5]uint64

// equal reports whether k under the mask is a masked key that begins with head
// and, if it is longer, is wide.
func (h *hasher) equal(k *Key, head *headWords, wide *Key) bool {
	for i := range h.atoms {
		a := &h.atoms[i]
		word := k[a.index] & a.mask
		if i < len(head) {
			if word != head[i] {
				return false
			}
		} else if word != wide[a.index] {
			return false
		}
	}
	return true
}

// reading is one key during one lookup: the hashes of the atoms looked at.
type reading struct {
	key   *Key
	atoms *[maxAtoms]atom
	wild  *Mask  // takes what has no number; may be nil
	have  uint64 // the set of the atoms looked at
	value [maxAtoms]uint64
}

// hash returns the hash of the key under h's mask, and notes what it looked at.
func (r *reading) hash(h *hasher) uint64 {
	if missing := h.shared &^ r.have; missing != 0 {
		r.look(missing)
	}
	if h.alone {
		return r.hashAlone(h)
	}
	var sum uint64
	for i := range h.numbers {
		n := &h.numbers[i]
		sum += r.value[n[0]%maxAtoms] + r.value[n[1]%maxAtoms] +
			r.value[n[2]%maxAtoms] + r.value[n[3]%maxAtoms]
	}
	return finish(sum)
}

// ask returns the hash of an early question's atom, and notes that it looked.
func (r *reading) ask(e *early) uint64 {
	if e.number == noAtom {
		if r.wild != nil {
			r.wild[e.atom.index] |= e.atom.mask
		}
		return e.atom.hash(r.key)
	}
	if r.have>>(e.number%maxAtoms)&1 == 0 {
		r.look(1 << e.number)
	}
	return r.value[e.number%maxAtoms]
}

// hashAlone is hash for atoms without numbers.
func (r *reading) hashAlone(h *hasher) uint64 {
	if r.wild != nil {
		for i := range h.atoms {
			r.wild[h.atoms[i].index] |= h.atoms[i].mask
		}
	}
	return h.hash(r.key)
}

// look hashes these atoms.
//
//go:noinline
func (r *reading) look(missing uint64) {
	r.have |= missing
	for ; missing != 0; missing &= missing - 1 {
		n := bits.TrailingZeros64(missing)
		r.value[n] = r.atoms[n].hash(r.key)
	}
}

// merge adds the bits of the atoms looked at to wild.
func (r *reading) merge(wild *Mask) {
	for have := r.have; have != 0; have &= have - 1 {
		a := &r.atoms[bits.TrailingZeros64(have)]
		wild[a.index] |= a.mask
	}
}

// atomNumbers gives numbers to the atoms of a classifier's masks. Main only,
// but for table.
type atomNumbers struct {
	// table holds the atoms by number. It is published; a change makes a copy,
	// so that an older snapshot may go on using a number that is given anew. It
	// is nil until there is an atom: most of a switch's tables stay empty.
	table  *[maxAtoms]atom
	number map[atomKey]uint8
	users  [maxAtoms]int // masks that hold the number
}

type atomKey struct {
	index int
	mask  uint64
}

func newAtomNumbers() atomNumbers {
	return atomNumbers{number: make(map[atomKey]uint8)}
}

// hasher returns a hasher for a mask. It holds numbers until drop.
func (n *atomNumbers) hasher(mask *Mask) hasher {
	var h hasher
	var numbers []uint8
	for i, w := range mask {
		if w == 0 {
			continue
		}
		number, ok := n.hold(atomKey{i, w})
		if !ok {
			h.atoms = append(h.atoms, newAtom(i, w))
			continue
		}
		h.atoms = append(h.atoms, n.table[number])
		numbers = append(numbers, number)
	}
	if len(numbers) != len(h.atoms) {
		n.release(numbers)
		h.alone = true
		return h
	}
	for four := range slices.Chunk(numbers, 4) {
		padded := [4]uint8{noAtom, noAtom, noAtom, noAtom}
		copy(padded[:], four)
		h.numbers = append(h.numbers, padded)
	}
	for _, number := range numbers {
		h.shared |= 1 << number
	}
	return h
}

// hold returns the number of an atom, a new one if it has none; false if all
// are in use.
func (n *atomNumbers) hold(k atomKey) (uint8, bool) {
	number, ok := n.number[k]
	if !ok {
		free := slices.Index(n.users[:noAtom], 0)
		if free < 0 {
			return 0, false
		}
		number = uint8(free)
		table := new([maxAtoms]atom)
		if n.table != nil {
			*table = *n.table
		}
		table[number] = newAtom(k.index, k.mask)
		n.table = table
		n.number[k] = number
	}
	n.users[number]++
	return number, true
}

// release gives back numbers.
func (n *atomNumbers) release(numbers []uint8) {
	for _, number := range numbers {
		if n.users[number]--; n.users[number] == 0 {
			a := &n.table[number]
			delete(n.number, atomKey{a.index, a.mask})
		}
	}
}

// drop gives back the numbers of a mask that is gone.
func (n *atomNumbers) drop(h *hasher) {
	for set := h.shared; set != 0; set &= set - 1 {
		n.release([]uint8{uint8(bits.TrailingZeros64(set))})
	}
}
