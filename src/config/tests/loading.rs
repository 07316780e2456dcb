//! What a configuration becomes, and what is said of one that can't be used.

use super::Desk;

#[test]
fn probe() {
    let desk = Desk::new("sources:\n  main: {secret: ${X}}\n");
    println!("{}", desk.seen());
    let desk = Desk::new(
        "sources:\n  main: {secrt: abc}\n  Bad Name: {secret: \"\"}\nsinks:\n  a:\n    http: {}\n  b:\n    slak:\n      x: y\n  c:\n    console: {templat: x}\n    rat: 1/s\n  d:\n    console:\n    rate: fast\nrules:\n  - name: x\n    when: {status: FAILED}\n    send: [a, b, zz]\n  - name: y\n    when:\n      group: #payments\n    send: c\n  - nme: z\n  - name: q\n    when: {status: 3}\n    stop: no\n    send: d\nserver:\n  listen: 8080\n  tls:\non_dead: dd\ntimezone: Europe/Berln\n",
    );
    println!("{}", desk.seen());
}
