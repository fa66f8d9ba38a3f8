package e2e

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// arrival waits for a frame that comes by one of the wires, and returns which.
func arrival(t *testing.T, frame []byte, wires ...*wire) int {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		for i, w := range wires {
			if bytes.Equal(w.receive(0), frame) {
				return i
			}
		}
	}
	t.Fatalf("nowhere arrived\n%s", describe(frame))
	panic("unreachable")
}

// groups makes the groups, in ovs-ofctl's words.
func (d *daemon) groups(t *testing.T, groups ...string) {
	t.Helper()
	for _, g := range groups {
		d.ofctl(t, "add-group", g)
	}
}

// groupTable is the groups as ovs-ofctl tells them.
func (d *daemon) groupTable(t *testing.T) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(d.ofctl(t, "dump-groups")), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines[1:], "\n")
}

// ALL: each bucket works on its own copy, and the frame goes on as it was; by
// the slow path and by cached flows.
func TestGroupAll(t *testing.T) {
	t.Parallel()
	l := newLab(t, 4)
	d := l.start(t)
	w := l.wires(t)
	d.groups(t,
		"group_id=1,type=all,bucket=push_vlan:0x8100,set_field:4103->vlan_vid,output:2,bucket=output:3",
		"group_id=2,type=indirect,bucket=set_field:02:aa:00:00:00:77->eth_dst,group:1")
	d.setFlows(t, "in_port=1,actions=group:2,output:4", "in_port=2,actions=write_actions(group:1)")
	in := udpFrame(1, 2, nil)
	changed := udpFrame(1, 2, nil)
	copy(changed, []byte{2, 0xaa, 0, 0, 0, 0x77})
	pushed := tagged(customer(7, 0))
	copy(pushed, changed[:6])
	for range repeats {
		w[0].send(t, in)
		w[1].expect(t, "tagged copy", pushed)
		w[2].expect(t, "copy of the chain", changed)
		w[3].expect(t, "the frame as it was", in)
	}
	for range repeats {
		w[1].send(t, in)
		w[2].expect(t, "by the action set", in)
	}
	expectSilence(t, "not to the ingress port", w...)
	await(t, "statistics", func() bool {
		return regexp.MustCompile(`group_id=1,duration=[0-9.]+s,ref_count=2,packet_count=10,.*bucket0:packet_count=10,`).
			MatchString(d.ofctl(t, "dump-group-stats"))
	})
	await(t, "statistics of the chain", func() bool {
		return regexp.MustCompile(`group_id=2,duration=[0-9.]+s,ref_count=1,packet_count=5,byte_count=\d+,bucket0:packet_count=5,`).
			MatchString(d.ofctl(t, "dump-group-stats", "group_id=2"))
	})
}

// A pop in a bucket that uncovers what nobody has parsed, with a chain behind it,
// leaves the frame as it was for what comes after.
func TestGroupThatParsesAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t, 4)
	d := l.start(t)
	w := l.wires(t)
	d.groups(t,
		"group_id=1,type=all,bucket=pop_vlan,set_field:4105->vlan_vid,output:2,bucket=pop_vlan,output:3",
		"group_id=3,type=indirect,bucket=pop_vlan,group:1",
		"group_id=2,type=all,bucket=pop_vlan,group:3,bucket=output:4")
	d.setFlows(t, "in_port=1,vlan_tci=0x1000/0x1000,actions=group:2,set_field:4098->vlan_vid,output:2")
	deep := func(tags ...tag) []byte {
		return tagged(append(tags, customer(3, 0), customer(4, 0), customer(5, 0))...)
	}
	for range repeats {
		w[0].send(t, deep(customer(1, 0), customer(2, 0)))
		w[1].expect(t, "three pops and a set", tagged(customer(9, 0), customer(5, 0)))
		w[1].expect(t, "the frame as it was, but for the set after the group", deep(customer(2, 0), customer(2, 0)))
		w[2].expect(t, "three pops", tagged(customer(4, 0), customer(5, 0)))
		w[3].expect(t, "no pop", deep(customer(1, 0), customer(2, 0)))
	}
}

// A group of very many buckets, each with an edit of its own: all copies arrive.
func TestGroupOfManyBuckets(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	const buckets = 700
	group := "group_id=1,type=all"
	for i := range buckets {
		group += fmt.Sprintf(",bucket=set_field:02:aa:00:00:%02x:%02x->eth_dst,output:2", i>>8, i&0xff)
	}
	d.groups(t, group)
	d.setFlows(t, "in_port=1,actions=group:1")
	frame := udpFrame(1, 2, nil)
	for range repeats {
		w[0].send(t, frame)
		for i := range buckets {
			want := bytes.Clone(frame)
			copy(want, []byte{2, 0xaa, 0, 0, byte(i >> 8), byte(i)})
			w[1].expect(t, "copy", want)
		}
	}
}

// SELECT: over many flows that differ in one layer alone, each bucket has its
// weight's share, and a flow keeps its bucket.
func TestGroupSelect(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	d := l.start(t)
	w := l.wires(t)
	d.groups(t, "group_id=1,type=select,bucket=weight:1,output:2,bucket=weight:3,output:3")
	d.setFlows(t, "in_port=1,actions=group:1")
	const flows = 1000
	for name, frame := range map[string]func(n int) []byte{
		"Ethernet": func(n int) []byte {
			f := udpFrame(1, 2, nil)
			f[10], f[11] = byte(n>>8), byte(n)
			return f
		},
		"IP": func(n int) []byte {
			ip := ip4(layers.IPProtocolUDP)
			ip.SrcIP = []byte{10, 1, byte(n >> 8), byte(n)}
			return build(ether(layers.EthernetTypeIPv4), ip, &layers.UDP{SrcPort: 1, DstPort: 2}, text)
		},
		"UDP": func(n int) []byte { return udpFrame(uint16(n), 2, nil) },
	} {
		second := 0
		for n := range flows {
			f := frame(n)
			w[0].send(t, f)
			to := 1 + arrival(t, f, w[1], w[2])
			second += 2 - to
			if n%50 != 0 {
				continue
			}
			for range repeats {
				w[0].send(t, f)
				w[to].expect(t, "the same flow", f)
			}
		}
		if share := float64(second) / flows; share < 0.20 || share > 0.30 {
			t.Errorf("%s: the bucket of a quarter of the weights got %.3f of the flows", name, share)
		}
	}
}

// Errors, descriptions and deletion as ovs-ofctl shows them.
func TestGroupTable(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	d.groups(t,
		"group_id=1,type=ff,bucket=watch_port:1,output:1,bucket=watch_port:2,output:2",
		"group_id=2,type=indirect,bucket=group:1")
	want := "group_id=1,type=ff,bucket=watch_port:1,actions=output:1,bucket=watch_port:2,actions=output:2\n" +
		"group_id=2,type=indirect,bucket=actions=group:1"
	if got := d.groupTable(t); got != want {
		t.Errorf("groups\n%s\nwant\n%s", got, want)
	}
	for group, name := range map[string]string{
		"group_id=1,type=all,bucket=output:1":             "OFPGMFC_GROUP_EXISTS",
		"group_id=3,type=all,bucket=group:3":              "OFPGMFC_LOOP",
		"group_id=3,type=all,bucket=group:4":              "OFPBAC_BAD_OUT_GROUP",
		"group_id=3,type=select,bucket=weight:0,output:1": "OFPGMFC_INVALID_GROUP",
		"group_id=3,type=all,bucket=output:normal":        "OFPBAC_BAD_OUT_PORT",
	} {
		if out, err := d.tryOfctl("", "add-group", group); err == nil || !strings.Contains(out+err.Error(), name) {
			t.Errorf("add-group %s: %v %s; want %s", group, err, out, name)
		}
	}
	if out, err := d.tryOfctl("", "del-groups", "group_id=1"); err == nil || !strings.Contains(out+err.Error(), "OFPGMFC_CHAINED_GROUP") {
		t.Errorf("del-groups: %v %s", err, out)
	}
	d.setFlows(t, "in_port=1,actions=group:2", "in_port=2,actions=output:1")
	d.ofctl(t, "del-groups", "group_id=2")
	if got := d.groupTable(t); strings.Contains(got, "group_id=2") {
		t.Errorf("groups\n%s", got)
	}
	d.checkFlows(t, "after del-groups", "table=0, in_port=2 actions=output:1")
	features := d.ofctl(t, "dump-group-features")
	for _, word := range []string{"Types:  0xf", "Capabilities:  0xf", "fast failover group:", "max_groups=0x10000", "actions: output group set_field"} {
		if !strings.Contains(features, word) {
			t.Errorf("group features\n%s\nlack %q", features, word)
		}
	}
	d.ofctl(t, "del-groups")
	if got := d.groupTable(t); got != "" {
		t.Errorf("groups\n%s after all were deleted", got)
	}
}
