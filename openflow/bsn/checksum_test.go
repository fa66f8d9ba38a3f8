package bsn

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

func (c Checksum) big() *big.Int { return new(big.Int).SetBytes(c.Append(nil)) }

// Sums are those of numbers modulo 2^128.
func TestChecksumArithmetic(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	modulus := new(big.Int).Lsh(big.NewInt(1), 128)
	word := func() uint64 { return []uint64{0, 1, ^uint64(0), 1 << 63, rng.Uint64()}[rng.IntN(5)] }
	for range 2000 {
		a, b := Checksum{word(), word()}, Checksum{word(), word()}
		sum, difference := a, a
		sum.Add(b)
		difference.Sub(b)
		want := new(big.Int).Add(a.big(), b.big())
		if sum.big().Cmp(want.Mod(want, modulus)) != 0 {
			t.Errorf("%x + %x = %x", a, b, sum)
		}
		want = new(big.Int).Sub(a.big(), b.big())
		if difference.big().Cmp(want.Mod(want, modulus)) != 0 {
			t.Errorf("%x - %x = %x", a, b, difference)
		}
	}
}

func TestIsPrefix(t *testing.T) {
	ones := Checksum{^uint64(0), ^uint64(0)}
	for n := range 129 {
		m := Checksum{Hi: ones.Hi << max(64-n, 0), Lo: ones.Lo << min(128-n, 64)}
		if !m.IsPrefix() {
			t.Errorf("the mask of the first %d bits, %x, is no prefix", n, m)
		}
		for _, bit := range []int{0, 1, 63, 64, 100, 127} {
			other := m
			if bit < 64 {
				other.Lo ^= 1 << bit
			} else {
				other.Hi ^= 1 << (bit - 64)
			}
			if bit != 127-n && bit != 128-n && other.IsPrefix() {
				t.Errorf("%x is called a prefix", other)
			}
		}
	}
}
