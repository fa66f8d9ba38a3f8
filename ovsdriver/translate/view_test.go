package translate

import (
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// A published view stays as it is, whatever its successors become.
func TestViewNext(t *testing.T) {
	x := newTables(t)
	x.add(0, 1, nil, applying(output(2)))
	v := x.publish()
	var p Publication
	p.Publish(v)

	x.add(0, 2, nil, applying(output(3)))
	next := x.publish()
	next.SetPorts(NewPortSet(nil))
	next.SetFragDrop(true)
	if p.Load() != v || next.Epoch != v.Epoch || v.FragDrop() || v.Ports().Get(2) == nil || v.Table(0).Len() != 1 {
		t.Error("the published view has changed")
	}
	if after := next.Next(); after.Epoch != next.Epoch+1 || !after.FragDrop() || after.Table(0).Len() != 2 {
		t.Errorf("the next view: epoch %d", after.Epoch)
	}
	if v.Table(5) != nil {
		t.Error("table 5 is there")
	}
	var r Result
	Translate(v, tcpKey(), &r)
	if words(r.Actions) != "output 2" {
		t.Errorf("the old view says %s", words(r.Actions))
	}
}

// Views share the tables that did not change, and never one that did.
func TestViewsShareTables(t *testing.T) {
	one, two := new(Snapshot), new(Snapshot)
	first := NewView(datapath.Features{})
	second := first.Next()
	second.SetTable(3, one, nil)
	second.SetTable(4, one, nil)
	third := second.Next()
	third.SetTable(4, two, nil)
	third.SetTable(NumTables-1, two, nil)
	for _, c := range []struct {
		view *View
		id   uint8
		want *Snapshot
	}{
		{first, 3, nil}, {first, 4, nil}, {first, NumTables - 1, nil},
		{second, 3, one}, {second, 4, one}, {second, NumTables - 1, nil},
		{third, 2, nil}, {third, 3, one}, {third, 4, two}, {third, NumTables - 1, two},
	} {
		if got := c.view.Table(c.id); got != c.want {
			t.Errorf("epoch %d, table %d: %p, want %p", c.view.Epoch, c.id, got, c.want)
		}
	}
	if second.tables[5] != first.tables[5] || third.tables[5] != first.tables[5] {
		t.Error("tables that did not change were copied")
	}
	fourth := third.Next()
	fourth.SetTable(1, one, nil)
	group := fourth.tables[0]
	if fourth.SetTable(2, one, nil); fourth.tables[0] != group || group == third.tables[0] {
		t.Error("tables of one view are not copied once")
	}
}
