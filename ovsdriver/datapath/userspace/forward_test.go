package userspace

import (
	"bytes"
	"testing"
)

func TestForward(t *testing.T) {
	l := newLab(t, 2)
	a, b := l.wire(1), l.wire(2)
	d := l.open(2, 1, nil)
	l.connect(d, 1, 2)
	for _, size := range []int{42, 60, 64, 1514} {
		want := udp(1, nobody, size, 7)
		a.mustSend(want)
		if got := b.mustReceive(); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: got % x, want % x", size, got, want)
		}
	}
}
