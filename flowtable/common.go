package flowtable

import "math/bits"

// common is what all entries of a sub-table have in common: the words, or the
// bits of words, in which their keys agree. A key that differs there can match
// none of them, so the sub-table is passed over without hashing, and all that
// the answer depends on is where the key differs: the cached flow stays wide.
// It is never changed; narrow makes another one.
type common []commonWord

type commonWord struct {
	index int
	mask  uint64
	value uint64
}

// standsAlone tells the words that may become significant by themselves: their
// fields need no more than an eth_type to be meaningful. The others (L4, ND,
// ARP) mean one thing or another by ip_proto or ICMP type, and a datapath may
// refuse a mask that has them without those.
var standsAlone = [Words]bool{
	wordPort: true, wordEthDst: true, wordEthSrc: true, wordVLAN: true,
	wordIP: true, wordIPv4: true,
	wordIPv6SrcHi: true, wordIPv6SrcLo: true, wordIPv6DstHi: true, wordIPv6DstLo: true,
	wordMPLS: true, wordMPLS2: true, wordTunnel: true, wordRecirc: true,
	wordMetadata: true,
}

// commonOf returns what one entry has in common with itself.
func commonOf(m *Match) common {
	var c common
	for i, w := range m.Mask {
		if w != 0 && standsAlone[i] {
			c = append(c, commonWord{i, w, m.Key[i]})
		}
	}
	return c
}

// narrow returns what is left in common with another entry of the sub-table.
func (c common) narrow(k *Key) common {
	if c.holds(k) {
		return c
	}
	var left common
	for _, w := range c {
		mask := w.mask &^ (w.value ^ k[w.index])
		if mask != 0 {
			left = append(left, commonWord{w.index, mask, w.value & mask})
		}
	}
	return left
}

// holds reports whether k has it too.
func (c common) holds(k *Key) bool {
	for i := range c {
		w := &c[i]
		if (k[w.index]^w.value)&w.mask != 0 {
			return false
		}
	}
	return true
}

// explain merges into wild why k does not hold: the words before the first
// that differs, and in that the lowest sixteen bits (a whole eth_type, VLAN
// TCI or a quarter of a longer field) that differ.
func (c common) explain(k *Key, wild *Mask) {
	for _, w := range c {
		differ := (k[w.index] ^ w.value) & w.mask
		if differ == 0 {
			wild[w.index] |= w.mask
			continue
		}
		lane := bits.TrailingZeros64(differ) &^ 15
		wild[w.index] |= w.mask & (0xffff << lane)
		return
	}
}

// apart reports whether no key can fit both m and an entry of the sub-table.
func (c common) apart(m *Match) bool {
	for i := range c {
		w := &c[i]
		if (m.Key[w.index]^w.value)&w.mask&m.Mask[w.index] != 0 {
			return true
		}
	}
	return false
}
