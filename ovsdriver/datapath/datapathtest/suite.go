package datapathtest

import "testing"

// Run holds a datapath to the comments of package datapath. open makes a fresh
// one for each case.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// testCase is one case of the suite.
type testCase struct {
	name string
	run  func(t *testing.T, h Harness)
}

// cases lists the suite.
func cases() []testCase {
	withRig := func(ports int, run func(*rig)) func(*testing.T, Harness) {
		return func(t *testing.T, h Harness) { run(newRig(t, h, ports)) }
	}
	return []testCase{
		{"ports", withRig(0, casePorts)},
		{"internal port", withRig(0, caseInternalPort)},
		{"deleted port", withRig(2, caseDeletedPort)},
		{"interface vanishes", withRig(2, caseInterfaceVanishes)},
		{"close", withRig(1, caseClose)},
		{"miss", withRig(2, caseMiss)},
		{"frame sizes", withRig(2, caseFrameSizes)},
		{"execute", withRig(3, caseExecute)},
		{"execute in a receiver", withRig(2, caseReceiverExecutes)},
		{"hit", withRig(2, caseHit)},
		{"wildcards", withRig(2, caseWildcards)},
		{"masked bits", withRig(2, caseMaskedBits)},
		{"drop", withRig(2, caseDrop)},
		{"replace", withRig(3, caseReplace)},
		{"delete", withRig(2, caseDelete)},
		{"flush", withRig(2, caseFlush)},
		{"counters", withRig(2, caseCounters)},
		{"dump", withRig(2, caseDump)},
		{"refused flows", withRig(2, caseRefused)},
		{"controller action", withRig(2, caseController)},
		{"cached edits", withRig(2, caseCachedEdits)},
		{"several outputs", withRig(3, caseSeveralOutputs)},
		{"clone", withRig(3, caseClone)},
		{"meter", withRig(2, caseMeter)},
		{"meter replaced", withRig(2, caseMeterReplaced)},
		{"meter kept", withRig(2, caseMeterKept)},
		{"meter drops", withRig(2, caseMeterDrops)},
		{"queues", withRig(3, caseQueues)},
		{"concurrency", withRig(2, caseConcurrency)},
	}
}
