// Package kflow keeps the index of the datapath's cache of flows: what was
// installed, from which way through the tables it follows, and to whom its
// counters belong. It installs flows for keys that workers ask for, translates
// them again when tables, groups, meters or ports change under them, expires
// those that nobody uses, and brings their counters back. Flows that send to a
// port which has failed leave the datapath before anything else is done.
//
// The main goroutine owns the index. One goroutine more reads the counters; it
// is started by Start and waited for by Close, and hands its readings to main
// through a channel.
package kflow
