//! MACs over a message of ordinary size, beside plain single DES CBC as a yardstick.

use cipher::{Array, BlockCipherEncrypt, KeyInit};
use des::Des;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use hefu_vault::{MacMethod, TdesKey};

const MESSAGE: [u8; 304] = [0x31; 304];
const KEY: &str = "0123456789ABCDEFFEDCBA9876543210";

fn main() {
    divan::main();
}

#[divan::bench]
fn yardstick_single_des_cbc(bencher: Bencher) {
    let key = Des::new(&Array(*b"yardstik"));
    bencher.counter(BytesCount::of_slice(&MESSAGE)).bench_local(|| {
        let (blocks, _) = black_box(&MESSAGE).as_chunks::<8>();
        blocks.iter().fold([0; 8], |state, block| {
            let xored = u64::from_ne_bytes(state) ^ u64::from_ne_bytes(*block);
            let mut block = Array(xored.to_ne_bytes());
            key.encrypt_block(&mut block);
            block.0
        })
    });
}

#[divan::bench(args = [MacMethod::Ecb, MacMethod::Cbc, MacMethod::X919, MacMethod::TdesXor])]
fn mac(bencher: Bencher, method: MacMethod) {
    let key = TdesKey::from_hex(KEY).expect("a right key");
    bencher.counter(BytesCount::of_slice(&MESSAGE)).bench_local(|| method.compute(&key, black_box(&MESSAGE)));
}

#[divan::bench]
fn key_expansion(bencher: Bencher) {
    bencher.bench_local(|| TdesKey::from_hex(black_box(KEY)));
}
