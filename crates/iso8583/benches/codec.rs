//! How fast a sale of 274 bytes passes the codec, beside a plain copy of its bytes as the yardstick.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use hefu_iso8583::{CUP_POS, Message, Mti};

fn main() {
    divan::main();
}

/// A chip sale as a terminal sends it.
fn sale() -> Message {
    let mut sale = Message::new(Mti(200));
    sale.set(2, "6200000000000005").set(3, "000000").set(4, "000000012345").set(11, "000042");
    sale.set(14, "3012").set(22, "051").set(23, "001").set(25, "00").set(26, "12");
    sale.set(35, "6200000000000005D30122010000000000000");
    sale.set(41, "10000001").set(42, "898110253110001").set(49, "156");
    sale.set(52, [0x5a; 8]).set(53, "2600000000000000").set(55, [0x9f; 152]);
    sale.set(60, "22000001000600000").set(64, [0; 8]);
    sale
}

fn encoded() -> Vec<u8> {
    let mut bytes = Vec::new();
    CUP_POS.encode(&sale(), &mut bytes).expect("the sale is well formed");
    assert_eq!(bytes.len(), 274, "the frame that codecs are compared by");
    bytes
}

#[divan::bench(sample_size = 1000)]
fn copy_the_bytes(bencher: Bencher) {
    let frame = encoded();
    let mut out = Vec::with_capacity(512);
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        out.clear();
        out.extend_from_slice(black_box(&frame));
        black_box(&out);
    });
}

#[divan::bench(sample_size = 1000)]
fn decode(bencher: Bencher) {
    let frame = encoded();
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        black_box(CUP_POS.decode(black_box(&frame)).expect("the frame is well formed"));
    });
}

#[divan::bench(sample_size = 1000)]
fn encode(bencher: Bencher) {
    let message = sale();
    let mut out = Vec::with_capacity(512);
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        out.clear();
        CUP_POS.encode(black_box(&message), &mut out).expect("the sale is well formed");
        black_box(&out);
    });
}

#[divan::bench(sample_size = 1000)]
fn decode_and_encode(bencher: Bencher) {
    let frame = encoded();
    let mut out = Vec::with_capacity(512);
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        out.clear();
        let message = CUP_POS.decode(black_box(&frame)).expect("the frame is well formed");
        CUP_POS.encode(&message, &mut out).expect("what was decoded encodes");
        black_box(&out);
    });
}
