// Package translate turns OpenFlow tables into datapath flows. A View is an
// immutable snapshot of the tables and ports; Translate walks a frame's key
// through it and says what the datapath shall do, which bits of the key decided
// that, who is to be credited, and what the walk visited. Section numbers (§)
// are those of OpenFlow 1.3.5.
//
// Compile makes a Program, what a flow entry does, from its instructions.
// Executor runs programs on real frames where no datapath can.
//
// Nothing here does I/O, starts a goroutine or logs.
package translate
