package differential

import (
	"slices"
	"strings"
	"testing"
)

// shorter are mods with one part less: a match field, an action, a bucket. They
// need not be valid.
func shorter(mod string) (all []string) {
	if isGroupMod(mod) {
		head, buckets, _ := strings.Cut(mod, ",bucket=")
		return shorterLists(head+",bucket=", strings.Split(buckets, ",bucket="), ",bucket=")
	}
	head, actions, ok := strings.Cut(mod, ",actions=")
	if !ok {
		return nil
	}
	fields := strings.Split(head, ",")
	for i := 1; i < len(fields); i++ {
		if !strings.HasPrefix(fields[i], "table=") && !strings.HasPrefix(fields[i], "priority=") {
			less := slices.Delete(slices.Clone(fields), i, i+1)
			all = append(all, strings.Join(less, ",")+",actions="+actions)
		}
	}
	for _, less := range shorterActions(actions) {
		all = append(all, head+",actions="+less)
	}
	return all
}

// shorterLists leaves out a bucket, or an action of one.
func shorterLists(head string, buckets []string, separator string) (all []string) {
	for i, b := range buckets {
		if len(buckets) > 1 {
			all = append(all, head+strings.Join(slices.Delete(slices.Clone(buckets), i, i+1), separator))
		}
		watch, actions, _ := strings.Cut(b, "actions=")
		for _, less := range shorterActions(actions) {
			with := slices.Clone(buckets)
			with[i] = watch + "actions=" + less
			all = append(all, head+strings.Join(with, separator))
		}
	}
	return all
}

// shorterActions leaves out an action, or one of write_actions.
func shorterActions(actions string) (all []string) {
	parts := splitActions(actions)
	for i, part := range parts {
		less := slices.Delete(slices.Clone(parts), i, i+1)
		if len(less) > 0 {
			all = append(all, strings.Join(less, ","))
		}
		inner, ok := strings.CutPrefix(part, "write_actions(")
		if !ok {
			continue
		}
		for _, less := range shorterActions(strings.TrimSuffix(inner, ")")) {
			with := slices.Clone(parts)
			with[i] = "write_actions(" + less + ")"
			all = append(all, strings.Join(with, ","))
		}
	}
	return all
}

// splitActions splits at the commas outside of parentheses.
func splitActions(actions string) (parts []string) {
	depth, from := 0, 0
	for i, c := range actions {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			parts = append(parts, actions[from:i])
			from = i + 1
		}
	}
	return append(parts, actions[from:])
}

func TestShorter(t *testing.T) {
	tests := map[string][]string{
		"delete_strict table=1,priority=2": nil,
		"add table=1,priority=2,dl_type=0x0800,nw_src=10.0.0.1,actions=output:1": {
			"add table=1,priority=2,nw_src=10.0.0.1,actions=output:1",
			"add table=1,priority=2,dl_type=0x0800,actions=output:1",
		},
		"add table=1,actions=output:1,write_actions(pop_vlan,output:2)": {
			"add table=1,actions=write_actions(pop_vlan,output:2)",
			"add table=1,actions=output:1",
			"add table=1,actions=output:1,write_actions(output:2)",
			"add table=1,actions=output:1,write_actions(pop_vlan)",
		},
		groupWord + "add group_id=1,type=ff,bucket=watch_port:1,actions=dec_ttl,output:1,bucket=watch_port:2,actions=drop": {
			groupWord + "add group_id=1,type=ff,bucket=watch_port:2,actions=drop",
			groupWord + "add group_id=1,type=ff,bucket=watch_port:1,actions=output:1,bucket=watch_port:2,actions=drop",
			groupWord + "add group_id=1,type=ff,bucket=watch_port:1,actions=dec_ttl,bucket=watch_port:2,actions=drop",
			groupWord + "add group_id=1,type=ff,bucket=watch_port:1,actions=dec_ttl,output:1",
		},
	}
	for mod, want := range tests {
		if got := shorter(mod); !slices.Equal(got, want) {
			t.Errorf("%s\nbecomes %q\nwant    %q", mod, got, want)
		}
	}
}
