// Package translate turns OpenFlow tables into datapath flows. A View is an
// immutable snapshot of the tables, groups, meters and ports; Translate walks a frame's key
// through it and says what the datapath shall do, which bits of the key decided
// that, who is to be credited, and what the walk visited. Section numbers (§)
// are those of OpenFlow 1.3.5.
//
// Compile makes a Program, what a flow entry does, from its instructions, and
// CompileGroup a Group; both refuse what 1.3.5 refuses. Executor runs programs on
// real frames where no datapath can, and Trace tells a walk in words.
//
// fwd makes Views, on the main goroutine; upcall workers execute by them, and
// kflow caches what they translate to. Nothing here does I/O, starts a goroutine
// or logs.
package translate
