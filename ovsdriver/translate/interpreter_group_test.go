package translate

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// group takes a copy of the frame through each bucket that is to be done.
func (p *interpreter) group(id uint32, by *Entry) {
	g := p.groups.Get(id)
	if g == nil {
		return
	}
	p.depth++
	for _, i := range p.chosen(g) {
		before := *p
		p.frame = copyOf(p.frame)
		p.set, p.writer = map[string]ofp13.Action{}, map[string]*Entry{}
		p.write(g.Buckets[i].Spec.Actions, by)
		p.actionSet()
		p.frame, p.set, p.writer = before.frame, before.set, before.writer
		p.queue, p.tunnel, p.pushed = before.queue, before.tunnel, before.pushed
	}
	p.depth--
}

// chosen returns the buckets to be done. Which one a flow of a SELECT group gets
// is the switch's own affair, so it is asked.
func (p *interpreter) chosen(g *Group) (list []int) {
	for i := range g.Buckets {
		if g.Type == ofp13.GroupTypeAll || g.Type == ofp13.GroupTypeIndirect || p.live(&g.Buckets[i].Spec) {
			list = append(list, i)
		}
	}
	switch {
	case g.Type == ofp13.GroupTypeFastFailover && len(list) > 1:
		list = list[:1]
	case g.Type == ofp13.GroupTypeSelect && len(list) > 0:
		k := p.key()
		var r Result
		r.begin(p.view, &k)
		list = []int{r.spread(g)}
	}
	return list
}

// live reports whether what a bucket watches is live.
func (p *interpreter) live(b *ofp13.Bucket) bool {
	if b.WatchPort == ofp13.PortAny && b.WatchGroup == ofp13.GroupAny {
		return true
	}
	if port := p.ports.Get(datapath.PortNo(b.WatchPort)); port != nil && !port.LinkDown {
		return true
	}
	g := p.groups.Get(b.WatchGroup)
	for i := 0; g != nil && i < len(g.Buckets); i++ {
		if p.live(&g.Buckets[i].Spec) {
			return true
		}
	}
	return false
}
