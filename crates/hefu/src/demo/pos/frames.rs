//! Frames as people read them: a line each, and on demand byte by byte with every field explained. What is secret
//! stays hidden, here as everywhere.

use super::names::{self, FrameWayName, WireName};
use super::pair;
use hefu_iso8583::explain::{Explanation, Row, explain_frame, explain_pos_frame};
use hefu_slip::response_texts::lookup;
use hefu_view::Words;
use hefu_world::pos::wire::{Fate, Frame, Wire};
use serde::Serialize;
use utoipa::ToSchema;

/// A frame as a line.
#[derive(Serialize, ToSchema)]
#[schema(as = Frame)]
pub struct Brief {
    pub id: u64,
    pub at_ms: i64,
    #[schema(value_type = WireName)]
    pub wire: &'static str,
    #[schema(value_type = FrameWayName)]
    pub way: &'static str,
    pub mti: String,
    pub what: Words,
    pub bytes: usize,
    #[schema(required = true)]
    pub code: Option<String>,
    #[schema(required = true)]
    pub trace: Option<String>,
    pub fate: names::Fate,
    pub delay_ms: u32,
}

/// A frame byte by byte.
#[derive(Serialize, ToSchema)]
#[schema(as = FrameDetail)]
pub struct Detail {
    #[serde(flatten)]
    pub brief: Brief,
    /// Two hexadecimal digits for each byte, `**` for one that is secret.
    pub hex: Vec<String>,
    pub fields: Vec<Field>,
    #[schema(required = true)]
    pub error: Option<String>,
}

/// One element of a frame.
#[derive(Serialize, ToSchema)]
#[schema(as = FrameField)]
pub struct Field {
    pub number: String,
    pub name: Words,
    pub value: String,
    pub offset: usize,
    pub length: usize,
    pub hex: String,
    #[schema(required = true)]
    pub note: Option<Words>,
    /// A part of the element before it.
    pub inside: bool,
}

pub fn brief(frame: &Frame) -> Brief {
    let (fate, delay_ms) = match frame.fate {
        Fate::Passed => (names::Fate::Passed, 0),
        Fate::Lost => (names::Fate::Lost, 0),
        Fate::Delayed(stated) => (names::Fate::Delayed, stated),
        Fate::Corrupted => (names::Fate::Corrupted, 0),
        Fate::Doubled => (names::Fate::Doubled, 0),
        Fate::Swallowed => (names::Fate::Swallowed, 0),
    };
    Brief {
        id: frame.id,
        at_ms: frame.at.0,
        wire: frame.wire.name(),
        way: frame.way.name(),
        mti: format!("{:04}", frame.mti),
        what: what(frame.mti, frame.processing.as_deref()),
        bytes: frame.bytes.len(),
        code: frame.code.clone(),
        trace: frame.trace.clone(),
        fate,
        delay_ms,
    }
}

pub fn detail(frame: &Frame) -> Detail {
    let explained = match frame.wire {
        Wire::Terminal => explain_pos_frame(&frame.bytes),
        Wire::Bank => explain_frame(&frame.bytes),
    };
    let lengths = lengths(&explained, frame.bytes.len());
    let mut hex = vec!["**".to_owned(); frame.bytes.len()];
    let mut fields = Vec::new();
    for (row, length) in explained.rows().iter().zip(lengths) {
        show(&mut hex, row, length);
        fields.push(Field {
            number: row.field.clone(),
            name: Words { zh: chinese(row.name).to_owned(), en: row.name.to_owned() },
            value: row.value.clone(),
            offset: row.offset,
            length,
            hex: row.hex.clone(),
            note: note(&row.field, &row.value),
            inside: row.field.contains(['.', ' ']),
        });
    }
    Detail { brief: brief(frame), hex, fields, error: explained.error().map(str::to_owned) }
}

/// How many bytes each row has: up to the next one, sub-fields none. What was not read belongs to nobody.
fn lengths(explained: &Explanation, bytes: usize) -> Vec<usize> {
    let rows = explained.rows();
    let end = bytes.saturating_sub(explained.unread());
    let after = |place: usize| {
        let next = rows.get(place + 1..).unwrap_or_default().iter().find(|row| !row.hex.is_empty());
        next.map_or(end, |row| row.offset)
    };
    let length = |(place, row): (usize, &Row)| match row.hex.is_empty() {
        true => 0,
        false => after(place).saturating_sub(row.offset),
    };
    rows.iter().enumerate().map(length).collect()
}

/// Writes the bytes of a row that may be seen where they stand.
fn show(hex: &mut [String], row: &Row, length: usize) {
    let open = row.hex.split_whitespace().take_while(|part| !part.contains('*')).collect::<String>();
    let bytes = open.as_bytes().chunks(2).take(length);
    for (place, byte) in bytes.enumerate() {
        if let (Some(cell), Ok(byte)) = (hex.get_mut(row.offset + place), std::str::from_utf8(byte)) {
            *cell = byte.to_owned();
        }
    }
}

/// What a message is, by its type and processing code.
fn what(mti: u16, processing: Option<&str>) -> Words {
    let void = processing.is_some_and(|code| code.starts_with("20"));
    let inquiry = processing.is_some_and(|code| code.starts_with("31"));
    pair(match mti {
        100 if void => ("预授权撤销请求", "void of pre-authorisation"),
        110 if void => ("预授权撤销应答", "answer to the void of pre-authorisation"),
        100 => ("预授权请求", "pre-authorisation"),
        110 => ("预授权应答", "answer to the pre-authorisation"),
        200 if inquiry => ("余额查询请求", "balance inquiry"),
        210 if inquiry => ("余额查询应答", "answer to the balance inquiry"),
        200 if void => ("撤销请求", "void"),
        210 if void => ("撤销应答", "answer to the void"),
        200 => ("消费请求", "sale"),
        210 => ("消费应答", "answer to the sale"),
        220 if void => ("退货通知", "refund"),
        230 if void => ("退货应答", "answer to the refund"),
        220 => ("通知", "advice"),
        221 => ("重发的通知", "advice, repeated"),
        230 => ("通知应答", "answer to the advice"),
        320 => ("批上送", "batch upload"),
        330 => ("批上送应答", "answer to the batch upload"),
        400 => ("冲正请求", "reversal"),
        410 => ("冲正应答", "answer to the reversal"),
        420 => ("冲正通知", "reversal"),
        421 => ("重发的冲正通知", "reversal, repeated"),
        430 => ("冲正通知应答", "answer to the reversal"),
        500 => ("批结算", "settlement"),
        510 => ("批结算应答", "answer to the settlement"),
        620 => ("脚本结果", "script result"),
        630 => ("脚本结果应答", "answer to the script result"),
        800 => ("签到", "sign-on"),
        810 => ("签到应答", "answer to the sign-on"),
        820 => ("网络管理", "network management"),
        830 => ("网络管理应答", "answer to network management"),
        _ => ("无法读出的报文", "what cannot be read as a message"),
    })
}

/// What a value means.
fn note(field: &str, value: &str) -> Option<Words> {
    match field {
        "F39" => {
            let code: [u8; 2] = value.as_bytes().try_into().ok()?;
            let text = lookup(code);
            Some(Words { zh: text.zh.to_owned(), en: text.en.to_owned() })
        }
        "F22" => Some(pair(match value.get(..2)? {
            "02" => ("刷卡", "swiped"),
            "05" => ("插卡", "inserted"),
            "07" => ("挥卡", "tapped"),
            "01" => ("终端记录", "from the terminal's records"),
            _ => return None,
        })),
        "F4" => {
            let fen: i64 = value.parse().ok()?;
            let amount = super::payments::yuan(fen);
            Some(Words { zh: format!("{amount} 元"), en: format!("CNY {amount}") })
        }
        "F49" if value == "156" => Some(pair(("人民币", "yuan renminbi"))),
        "F64" | "F128" => Some(pair(("整条报文的校验码", "seals the whole message"))),
        "F37" => Some(pair(("一笔交易在各方账上的同一参考号", "the one reference in everybody's books"))),
        "F11" => Some(pair(("终端(或我方)给每笔的流水号", "numbers what one side sends"))),
        _ => None,
    }
}

/// The name of an element in Chinese; its English name where there is none.
fn chinese(name: &'static str) -> &'static str {
    match name {
        "message type" => "报文类型",
        "fields present" => "位元表",
        "bytes that follow" => "后续长度",
        "from and to" => "TPDU 路由",
        "terminal and demand" => "报文头",
        "card number" => "主账号",
        "processing code" => "交易处理码",
        "amount" => "交易金额",
        "trace" | "trace (STAN)" => "系统跟踪号",
        "local time" => "受卡方时间",
        "local date" => "受卡方日期",
        "expiry" => "卡有效期",
        "settlement date" => "清算日期",
        "transmission time" => "传输时间",
        "merchant category (MCC)" => "商户类别",
        "entry mode" => "服务点输入方式",
        "card sequence" => "卡片序列号",
        "condition" => "服务点条件码",
        "PIN capture" => "PIN 获取码",
        "acquirer" => "受理机构",
        "forwarder" => "发送机构",
        "track 2" => "二磁道",
        "track 3" => "三磁道",
        "reference (RRN)" => "检索参考号",
        "authorisation code" => "授权码",
        "response code" => "应答码",
        "terminal" => "终端号",
        "merchant" => "商户号",
        "merchant name and place" => "商户名称地址",
        "receiver and acquirer" => "附加响应",
        "additional data" => "附加数据",
        "currency" => "货币代码",
        "PIN block" | "SM4 PIN block" => "个人密码密文",
        "security control" => "安全控制信息",
        "balance" | "balances" => "余额",
        "chip data" => "IC 卡数据域",
        "terminal identity" => "终端身份信息",
        "type, batch, network code" => "自定义域(类型、批次、网管)",
        "original data" => "原始信息",
        "keys or parameters" => "密钥或参数",
        "operator and slip texts" => "操作员与签购单附言",
        "MAC" => "报文鉴别码",
        "reason" | "reason of the reversal" => "冲正原因",
        "network management code" => "网络管理码",
        "replacement amounts" => "替换金额",
        "message security code" => "报文安全码",
        "batch" => "批次号",
        "original batch" => "原批次号",
        "original trace" | "original trace (STAN)" => "原流水号",
        "original date" => "原交易日期",
        "original message type" => "原报文类型",
        "original transmission time" => "原传输时间",
        "original acquirer" => "原受理机构",
        "original forwarder" => "原发送机构",
        "read capability" => "终端读取能力",
        "chip condition" => "IC 卡条件",
        "part approval possible" => "支持部分批准",
        "account type" => "账户类型",
        "amount type" => "金额类型",
        "debit" => "借记",
        "credit" => "贷记",
        "domestic cards" => "内卡",
        "foreign cards" => "外卡",
        "card organisation" => "卡组织",
        "issuer's text" => "发卡行附言",
        "network's text" => "银联附言",
        "acquirer's text" => "收单行附言",
        "authorisation mode" => "授权方式",
        "authoriser" => "授权机构",
        "application cryptogram" => "应用密文",
        "cryptogram information" => "密文信息数据",
        "issuer application data" => "发卡行应用数据",
        "unpredictable number" => "随机数",
        "application transaction counter" => "应用交易计数器",
        "terminal verification results" => "终端验证结果",
        "transaction date" => "交易日期",
        "transaction type" => "交易类型",
        "transaction currency" => "交易货币",
        "amount authorised" => "授权金额",
        "amount other" => "其他金额",
        "application interchange profile" => "应用交互特征",
        "terminal country" => "终端国家代码",
        "terminal capabilities" => "终端性能",
        "cardholder verification results" => "持卡人验证结果",
        "terminal type" => "终端类型",
        "interface device serial number" => "接口设备序列号",
        "application name (DF)" => "专用文件名称",
        "application version" => "应用版本号",
        "transaction sequence counter" => "交易序列计数器",
        "issuer authentication data" => "发卡行认证数据",
        "issuer script 1" | "issuer script 2" => "发卡行脚本",
        "issuer script result" => "脚本执行结果",
        "card product identification" => "卡产品标识",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_iso8583::{HOST_LINK, Message, Mti, frame::put_frame};
    use hefu_tally::Moment;
    use hefu_world::pos::wire::Way;

    const PAN: &str = "6200000000000005";

    #[test]
    fn a_frame_is_explained_byte_by_byte_and_shows_nothing_that_is_secret() {
        let mut message = Message::new(Mti(200));
        message.set(2, PAN).set(3, "000000").set(4, "000000001200").set(7, "1123120000").set(11, "000001");
        message.set(14, "3012").set(35, format!("{PAN}D30122201000000000000")).set(39, "51");
        message.set(52, vec![0xAB_u8; 8]).set(128, vec![0xCD_u8; 8]);
        let (mut body, mut bytes) = (Vec::new(), Vec::new());
        HOST_LINK.encode(&message, &mut body).unwrap();
        put_frame(&body, &mut bytes).unwrap();
        let frame = Frame {
            id: 1,
            at: Moment(7),
            wire: Wire::Bank,
            way: Way::Up,
            bytes: bytes.clone().into(),
            mti: 200,
            processing: Some("000000".into()),
            trace: Some("000001".into()),
            code: None,
            fate: Fate::Passed,
        };
        let detail = detail(&frame);
        assert_eq!((detail.hex.len(), &detail.error), (bytes.len(), &None));
        for (cell, byte) in detail.hex.iter().zip(&bytes) {
            assert!(cell == "**" || *cell == format!("{byte:02x}"), "{cell} for {byte:02x}");
        }
        let open = detail.hex.iter().filter(|cell| *cell != "**").count();
        assert!(open > bytes.len() / 2, "most of it can be seen");
        let whole: usize = detail.fields.iter().filter(|field| !field.inside).map(|field| field.length).sum();
        assert_eq!(whole, bytes.len(), "every byte belongs to a field");
        let shown = serde_json::to_string(&detail).unwrap();
        let clear: String = PAN.bytes().map(|digit| format!("\"{digit:02x}\",")).collect();
        assert!(!shown.contains(PAN) && !shown.contains(&clear) && !shown.contains("3012"), "{shown}");
        assert!(!shown.contains("ababab") && !shown.contains("\"ab\""), "the PIN block is hidden");
        assert!(shown.contains("余额不足"), "F39 is explained");
    }
}
