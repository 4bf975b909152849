import type { Messages } from '.'

export const ms: Messages = {
  layout: {
    product: 'Plumbline',
    skip: 'Langkau ke kandungan',
    main: 'Utama',
    overview: 'Ringkasan',
    rounds: 'Pusingan',
    people: 'Orang',
    sources: 'Sumber',
    settings: 'Tetapan',
    language: 'Bahasa',
    signOut: 'Log keluar',
    sampleData: 'Data contoh',
  },
  signIn: {
    title: 'Log masuk',
    working: 'Sedang log masuk…',
    help: 'Buka pautan sekali guna yang dipaparkan ketika pelayan dimulakan. Setiap pautan berfungsi sekali, selama 15 minit.',
    spent: 'Pautan ini telah digunakan atau tamat tempoh. Minta pautan baharu, atau mulakan semula pelayan.',
    noScript: 'Log masuk memerlukan JavaScript supaya rahsia dalam pautan anda tidak keluar dari halaman ini.',
  },
  failure: {
    title: 'Halaman ini tidak dapat dipaparkan',
    notFound: 'Tiada halaman di alamat ini.',
    internal: 'Ada masalah di pihak kami. Tiada apa yang anda isi hilang; kembali dan cuba lagi.',
    forbidden: 'Peranan anda tidak membenarkan halaman ini.',
    reference: (id) => `Rujukan untuk sokongan: ${id}`,
    back: 'Kembali ke ringkasan',
  },
  themes: {
    goals: 'Matlamat bersama',
    'lead-quality': 'Kualiti prospek',
    'hand-off': 'Penyerahan dan susulan',
    communication: 'Komunikasi',
    messaging: 'Mesej dan bahan',
    metrics: 'Metrik bersama',
    resources: 'Keseimbangan sumber',
  },
  terms: {
    sla: 'Perjanjian tahap perkhidmatan',
    icp: 'Profil pelanggan ideal',
    persona: 'Persona pembeli',
    'buyer-journey': 'Perjalanan pembeli',
    'lifecycle-stage': 'Peringkat kitaran hayat',
    'lead-type': 'Jenis prospek',
    'deal-stage': 'Peringkat urus niaga',
    'lead-status': 'Status prospek',
    'lead-score': 'Skor prospek',
    'connect-attempt': 'Percubaan menghubungi',
  },
  items: {
    'goals-1': 'Jualan dan pemasaran diukur dengan sasaran yang saling selaras.',
    'goals-2': 'Kedua-dua pasukan merancang suku tahun bersama-sama.',
    'lead-quality-1': 'Kebanyakan prospek yang diserahkan oleh pemasaran berbaloi dengan masa jurujual.',
    'lead-quality-2': 'Jualan dan pemasaran memaksudkan perkara yang sama dengan “prospek yang baik”.',
    'hand-off-1': 'Apabila jualan mengambil alih prospek, mereka dapat melihat apa yang berlaku sebelumnya.',
    'hand-off-2': 'Prospek yang diserahkan dihubungi buat kali pertama tepat pada masanya.',
    'communication-1': 'Pemasaran dimaklumkan oleh jualan tentang nasib prospek yang diserahkannya.',
    'communication-2': 'Kedua-dua pasukan saling memberitahu dengan awal apabila ada yang tidak kena.',
    'messaging-1': 'Pelanggan mendengar cerita yang sama daripada pemasaran dan jualan.',
    'messaging-2': 'Jurujual mempunyai bahan yang diperlukan untuk perbualan mereka yang seterusnya.',
    'metrics-1': 'Jualan dan pemasaran mengira prospek dan urus niaga dengan cara yang sama.',
    'metrics-2': 'Saya boleh bergantung pada angka yang digunakan oleh kedua-dua pasukan.',
    'resources-1': 'Wang dibahagikan secara munasabah antara jualan dan pemasaran.',
    'resources-2': 'Setiap pasukan mempunyai cukup orang untuk menepati janjinya kepada yang satu lagi.',
    headline: 'Secara keseluruhan, sejauh mana jualan dan pemasaran bekerja sebagai satu pasukan?',
    'definition-sla': {
      question: 'Apakah tanggungjawab jualan dan pemasaran terhadap satu sama lain di sini, dan bagaimana ia dipersetujui?',
      options: {
        'with-numbers': 'Ditulis, dengan angka untuk kedua-dua pasukan',
        'without-numbers': 'Ditulis, tanpa angka',
        spoken: 'Pernah dibincangkan tetapi tidak pernah ditulis',
        'one-sided': 'Satu pasukan menetapkannya untuk pasukan yang lain',
        none: 'Tiada apa-apa yang dipersetujui',
      },
    },
    'definition-icp': {
      question: 'Bagaimanakah kita menerangkan pelanggan ideal kita?',
      options: {
        company: 'Mengikut jenis syarikat: industri, saiz, negara',
        problem: 'Mengikut masalah yang perlu mereka selesaikan',
        'best-customers': 'Mengikut persamaan antara pelanggan terbaik kita',
        'one-each': 'Setiap pasukan mempunyai penerangannya sendiri',
        none: 'Kita tidak mempunyai penerangan',
      },
    },
    'definition-persona': {
      question: 'Apakah maksud persona pembeli di sini?',
      options: {
        interviews: 'Gambaran yang dibina daripada temu bual dengan pembeli',
        segment: 'Satu segmen kenalan dalam CRM kita',
        role: 'Jawatan yang menjadi sasaran jualan kita',
        company: 'Jenis syarikat yang membeli daripada kita',
        unused: 'Istilah yang tidak kita gunakan',
      },
    },
    'definition-buyer-journey': {
      question: 'Bilakah pembeli beralih daripada kesedaran kepada pertimbangan?',
      options: {
        'names-problem': 'Apabila dapat menyatakan masalahnya',
        compares: 'Apabila membandingkan cara penyelesaian',
        'looks-at-us': 'Apabila melihat produk atau harga kita',
        'talks-to-sales': 'Apabila bercakap dengan jualan buat kali pertama',
      },
    },
    'definition-lifecycle-stage': {
      question: 'Bilakah prospek menjadi layak pemasaran (MQL)?',
      options: {
        details: 'Sebaik sahaja kita mempunyai maklumat hubungannya',
        score: 'Apabila skornya melepasi ambang',
        'fit-and-score': 'Apabila melepasi ambang dan merupakan jenis pelanggan yang kita mahu',
        request: 'Apabila meminta demo, harga atau panggilan daripada kita',
        'marketing-decides': 'Apabila seseorang dalam pemasaran memutuskannya',
      },
    },
    'definition-lead-type': {
      question: 'Apakah yang menjadikan dua prospek berlainan jenis di sini?',
      options: {
        origin: 'Dari mana mereka datang',
        request: 'Apa yang mereka minta daripada kita',
        market: 'Produk atau pasaran mereka',
        readiness: 'Sedekat mana mereka dengan pembelian',
        none: 'Tiada: kita tidak membezakan jenis',
      },
    },
    'definition-deal-stage': {
      question: 'Sejak bilakah wujud satu urus niaga dalam saluran jualan?',
      options: {
        reply: 'Apabila prospek membalas',
        'meeting-booked': 'Apabila mesyuarat pertama ditempah',
        'need-confirmed': 'Apabila mesyuarat telah mengesahkan keperluan',
        quote: 'Apabila kita mula menyediakan sebut harga',
        'seller-decides': 'Apabila jurujual berpendapat demikian',
      },
    },
    'definition-lead-status': {
      question: 'Satu prospek sesuai tetapi belum bersedia membeli. Apakah yang dilakukan oleh jualan?',
      options: {
        returned: 'Memulangkannya kepada pemasaran berserta sebab',
        kept: 'Menyimpannya dan mencuba lagi kemudian',
        closed: 'Menutupnya sebagai kalah',
        unchanged: 'Membiarkan statusnya seperti sedia ada',
      },
    },
    'definition-lead-score': {
      question: 'Apakah yang ditunjukkan oleh skor prospek kita?',
      options: {
        'fit-and-interest': 'Sejauh mana prospek sesuai, bersama tahap minatnya',
        fit: 'Sejauh mana prospek sesuai dengan kita',
        interest: 'Sejauh mana prospek aktif',
        likelihood: 'Sebesar mana kemungkinan prospek akan membeli',
        none: 'Tiada: kita tidak memberi skor kepada prospek',
      },
    },
    'definition-connect-attempt': {
      question: 'Apakah yang dikira sebagai satu percubaan menghubungi prospek?',
      options: {
        any: 'Sebarang panggilan atau mesej, termasuk yang automatik',
        personal: 'Panggilan, atau mesej yang ditulis oleh seseorang',
        call: 'Panggilan telefon sahaja',
        answered: 'Hanya yang dijawab oleh prospek',
        'not-agreed': 'Kita tidak pernah bersetuju tentangnya',
      },
    },
  },
  survey: {
    unsure: 'Saya tidak pasti',
    title: 'Adakah jualan dan pemasaran seiring?',
    round: (number, period) => `Pusingan ${number}, ${period}`,
    duration: 'Kira-kira dua minit',
    closes: (day) => `Ditutup pada ${day}`,
    promise: (minimum) =>
      `Undi anda tidak membawa nama, dan tiada sesiapa ditunjukkan jawapan anda. Kumpulan dengan kurang daripada ${minimum} undi langsung tidak mendapat keputusan.`,
    how: 'Cara ia berfungsi',
    steps: {
      sealed: {
        title: 'Dimeterai pada peranti anda',
        text: 'Apabila anda menekan Hantar, halaman ini memeterai satu undi kosong. Pelayan menyemak pautan anda dan mengecap meterai itu tanpa melihat isinya.',
      },
      cast: {
        title: 'Diserahkan tanpa pautan anda',
        text: 'Halaman ini membuka meterai, mengisi jawapan anda dan menyerahkan undi itu secara berasingan. Cap menunjukkan bahawa ia daripada kumpulan anda, bukan daripada siapa.',
      },
      counted: {
        title: 'Dikira sekali, kemudian dimusnahkan',
        text: (minimum) =>
          `Apabila pusingan ditutup, undi dikira mengikut kumpulan lalu dipadamkan. Keputusan bermula pada ${minimum} undi; pentadbir juga tidak melihat lebih daripada itu.`,
      },
    },
    limits: 'Apa yang tidak dilindungi',
    limitList: {
      timing:
        'Semasa pusingan dibuka, sesiapa yang mengendalikan pelayan atau rangkaiannya boleh membandingkan saat pengecapan dengan saat undi tiba.',
      code: 'Pelayan menghantar halaman ini. Pengendali yang mengubah programnya boleh memungkiri janji ini.',
      collected: 'Sehingga pusingan ditutup, pelayan tahu bahawa anda mengambil bahagian, tetapi bukan jawapan anda.',
      unanimous: 'Jika semua orang dalam kumpulan anda menjawab serupa, jawapan anda diketahui.',
      words: 'Apa yang anda tulis dalam komen boleh mendedahkan anda.',
      keys: 'Pengendali yang memegang kunci boleh menambah undi, sehingga bilangan orang yang dijemput.',
    },
    merged: 'Pasukan yang terlalu kecil untuk keputusan sendiri menjawab bersama kumpulan yang lebih besar:',
    group: 'Anda menjawab bersama',
    invited: (count) => `${count} orang dijemput`,
    key: 'Kunci',
    keyHelp:
      'Kunci yang mengecap undi kumpulan anda. Semua orang dalam kumpulan itu sepatutnya melihat kunci yang sama; jika rakan sekerja melihat kunci lain, jangan hantar.',
    noScript:
      'Halaman ini memerlukan JavaScript kerana undi anda dimeterai pada peranti anda sebelum apa-apa dihantar. Tanpanya, jawapan hanya boleh dihantar bersama nama anda, dan kami tidak melakukannya.',
    skip: 'Langkau ke soalan',
    sections: 'Bahagian tinjauan',
    wording: 'Maksud istilah di sini',
    overall: 'Keseluruhan',
    answered: (done, total) => `${done} daripada ${total} dijawab`,
    scale: ['Sangat tidak setuju', 'Tidak setuju', 'Berkecuali', 'Setuju', 'Sangat setuju'],
    cannotJudge: 'Saya tidak dapat menilai',
    points: (value) => `${value} daripada 10`,
    lowest: 'Tidak langsung',
    highest: 'Sepenuhnya',
    comment: 'Jika anda boleh mengubah satu perkara, apakah perkara itu?',
    optional: 'Pilihan',
    commentHint:
      'Disimpan berasingan daripada jawapan anda dan ditunjukkan tanpa nama. Jangan tulis apa-apa yang boleh mengenal pasti anda atau orang lain.',
    send: 'Hantar undi saya',
    sendHint:
      'Sebelum dihantar, jawapan anda kekal dalam pelayar ini. Selepas itu ia tidak boleh diubah dan pautan anda tidak boleh digunakan lagi.',
    sending: {
      stamp: 'Undi anda yang dimeterai sedang dicap…',
      cast: 'Undi anda sedang diserahkan…',
    },
    errorTitle: (title) => `Ralat: ${title}`,
    missing: (count) => `Masih perlu dijawab atau dibetulkan: ${count}`,
    chooseOne: 'Pilih satu jawapan. “Saya tidak dapat menilai” juga satu jawapan.',
    chooseMeaning: 'Pilih satu jawapan. “Saya tidak pasti” juga satu jawapan.',
    tooLong: 'Komen ini terlalu panjang. Pendekkan sehingga muat mengikut pengira.',
    tryAgain: 'Cuba lagi',
    problems: {
      link: {
        title: 'Pautan anda tidak lengkap',
        text: 'Bahagian alamat selepas # tiada atau rosak. Buka semula pautan daripada jemputan anda. Anda boleh membaca soalan di sini tetapi tidak boleh menghantarnya.',
      },
      insecure: {
        title: 'Undi tidak dapat dimeterai melalui sambungan ini',
        text: 'Pelayar menawarkan penyulitan pada alamat https sahaja. Minta pautan yang bermula dengan https daripada pengirim. Tiada apa-apa yang dihantar.',
      },
      offline: {
        title: 'Pelayan tidak dapat dihubungi',
        text: 'Tiada apa-apa yang hilang: jawapan anda disimpan dalam pelayar ini. Semak sambungan anda dan cuba lagi.',
      },
      unconfirmed: {
        title: 'Undi anda belum disahkan',
        text: 'Pelayan tidak menjawab. Undi disimpan dalam pelayar ini seperti yang anda hantar; mencuba lagi tidak akan mengiranya dua kali.',
      },
      refused: {
        title: 'Pelayan tidak menerima undi anda',
        text: 'Jawapan anda disimpan dalam pelayar ini. Cuba lagi kemudian; jika masih sama, beritahu pengendali tinjauan dan nyatakan kod ini:',
      },
      seal: {
        title: 'Cap pada undi anda tidak tulen',
        text: 'Ia tidak sepadan dengan kunci yang diterbitkan untuk kumpulan anda, maka tiada apa-apa yang dihantar. Beritahu pengendali tinjauan sebelum mencuba lagi.',
      },
      unknown: {
        title: 'Pautan ini tidak sah',
        text: 'Ia mungkin telah diganti. Gunakan pautan daripada jemputan anda yang terkini. Jawapan anda disimpan dalam pelayar ini.',
      },
      used: {
        title: 'Pautan ini telah digunakan',
        text: 'Satu undi telah diambil dengannya pada peranti atau pelayar lain, jadi tidak boleh diambil sekali lagi di sini. Jika itu anda, buka pautan di sana: ia akan menyelesaikan apa yang telah dimulakan. Jika bukan, beritahu pengendali tinjauan. Tiada apa-apa yang dihantar dari sini.',
      },
      closed: {
        title: 'Pusingan ini telah ditutup',
        text: 'Undi anda terlewat dan tidak dikira. Tiada apa-apa daripadanya disimpan pada pelayan.',
      },
    },
    done: {
      title: 'Terima kasih. Undi anda telah diterima.',
      text: 'Tiada apa-apa padanya yang menunjukkan anda, dan pelayar ini telah melupakan jawapan anda. Pautan anda tidak boleh digunakan lagi.',
      results: 'Keputusan diterbitkan sekali, selepas pusingan ditutup.',
    },
    already: {
      title: 'Anda telah pun menjawab',
      text: 'Satu undi telah dihantar dengan pautan ini daripada pelayar ini. Ia tidak boleh diubah atau dihantar lagi.',
    },
    notOpen: {
      title: 'Pusingan ini belum dibuka',
      text: 'Sila kembali dengan pautan peribadi anda selepas ia dibuka.',
      opens: (day) => `Ia dirancang untuk dibuka pada ${day}.`,
    },
    closed: {
      title: 'Pusingan ini telah ditutup',
      text: 'Undi tidak lagi diterima.',
      on: (day) => `Ia ditutup pada ${day}.`,
    },
    notFound: {
      title: 'Tiada tinjauan di alamat ini',
      text: 'Pastikan anda menggunakan pautan penuh daripada jemputan anda.',
    },
  },
}
