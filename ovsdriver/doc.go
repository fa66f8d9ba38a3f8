// Package ovsdriver is the switch below OpenFlow sessions: it wires the parts
// that map flow tables onto a datapath's cache of flows.
//
//	           main goroutine                          workers
//	sessions ─> fwd ─ publishes a View ─────────────> upcall <─ misses ─┐
//	            │ │                                     │ │             │
//	      ports │ └ changes ─> kflow <─ bh: install ────┘ └ execute ─> datapath
//	            │               └ flows, counters ────────────────────> │
//	          vport ─ ports ──────────────────────────────────────────> │
//
// Who writes what, and who may read it:
//
//	tables, groups, meters, ports           main                        main
//	cache index, timers                     main                        main
//	View and all it reaches                 main, until published       anyone, no locks
//	classifier pages                        main, copy on write         anyone, no locks
//	counters of entries, groups, buckets    main and workers, atomic    anyone
//	a meter's buckets and counters          who measures, its lock      anyone, its lock
//	a cached flow's counters                one line per worker         main
//	Bloom filters, batches, scratch         one worker                  that worker
//	a bottom-half request                   its worker, until sent      then main
//
// Every method of Driver is for the main goroutine. The channels that it shows
// are what main selects on; each has a method that handles what comes.
package ovsdriver
