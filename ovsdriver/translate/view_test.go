package translate

import "testing"

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
